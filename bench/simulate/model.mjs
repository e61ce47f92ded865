/**
 * The simulation itself. Processes take what is ready in turns, as Node's loop does: all of a turn waits for one command
 * to Redis, which serves what has come in turns likewise. Times are in seconds. The same seed gives the same numbers.
 */

/** mulberry32 */
function createRandom(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** What is due next, by time. */
function createAgenda() {
  const heap = []
  const before = (one, other) => heap[one].at < heap[other].at
  const swap = (one, other) => {
    const held = heap[one]
    heap[one] = heap[other]
    heap[other] = held
  }
  return {
    get size() {
      return heap.length
    },
    add(at, work) {
      let n = heap.push({ at, work }) - 1
      for (let up = (n - 1) >> 1; n > 0 && before(n, up); up = (n - 1) >> 1) {
        swap(n, up)
        n = up
      }
    },
    next() {
      swap(0, heap.length - 1)
      const first = heap.pop()
      for (let n = 0; ; ) {
        const [left, right] = [2 * n + 1, 2 * n + 2]
        let least = n
        if (left < heap.length && before(left, least)) least = left
        if (right < heap.length && before(right, least)) least = right
        if (least === n) return first
        swap(n, least)
        n = least
      }
    },
  }
}

/**
 * What comes of so many requests.
 *
 * @param cpu of a process for one request: the mean, exponentially distributed where the load is a rate
 * @param load `{clients}` who ask again when they are answered, or `{rate}`, requests a second that come as they like
 * @param redis `{perTurn, perKey, keys, roundTrip}`: what a connection with commands in it takes, and each key of
 *   those; `keys` a request, or one for all of a turn where that is 0
 * @returns `{rate, p50, p99, busy, redisBusy}`, the last two shares of the time
 */
export function simulate({ processes = 1, cpu, load, redis, requests = 60_000, seed = 1 }) {
  const random = createRandom(seed)
  const agenda = createAgenda()
  const isClosed = load.clients !== undefined
  const exponential = (mean) => -mean * Math.log(1 - random())
  const loops = Array.from({ length: processes }, () => ({ ready: [], isBusy: false }))
  const times = []
  const waiting = new Map()
  const commands = new Map()
  let isRedisBusy = false
  let [now, sent, busy, redisBusy] = [0, 0, 0, 0]

  function ask() {
    sent++
    const loop = loops[Math.floor(random() * processes)]
    loop.ready.push(now)
    if (!loop.isBusy) turn(loop)
  }

  function turn(loop) {
    if (loop.ready.length === 0) {
      loop.isBusy = false
      return
    }
    loop.isBusy = true
    const taken = loop.ready
    loop.ready = []
    let at = now
    for (const began of taken) {
      const took = isClosed ? cpu : exponential(cpu)
      busy += took
      at += took
      // Without a store elsewhere each is answered when it is done.
      if (redis === undefined) agenda.add(at, () => answer(began))
    }
    if (redis !== undefined)
      agenda.add(at + redis.roundTrip / 2, () => command(Object.assign(taken, { loop })))
    agenda.add(at, () => turn(loop))
  }

  function command(taken) {
    waiting.set(taken.loop, [...(waiting.get(taken.loop) ?? []), ...taken])
    commands.set(taken.loop, (commands.get(taken.loop) ?? 0) + 1)
    if (!isRedisBusy) serve()
  }

  /** All that has come meanwhile: a connection costs once, however many commands wait in it. */
  function serve() {
    isRedisBusy = waiting.size > 0
    if (!isRedisBusy) return
    const all = [...waiting.values()].flat()
    const keys =
      redis.keys === 0 ? [...commands.values()].reduce((sum, one) => sum + one) : redis.keys * all.length
    const took = redis.perTurn * waiting.size + redis.perKey * keys
    waiting.clear()
    commands.clear()
    redisBusy += took
    agenda.add(now + took, serve)
    agenda.add(now + took + redis.roundTrip / 2, () => {
      for (const began of all) answer(began)
    })
  }

  function answer(began) {
    times.push(now - began)
    if (isClosed && sent < requests) ask()
  }

  function arrive() {
    ask()
    if (sent < requests) agenda.add(now + exponential(1 / load.rate), arrive)
  }

  for (let n = 0; n < (isClosed ? load.clients : 1); n++) agenda.add(0, isClosed ? ask : arrive)
  while (agenda.size > 0) {
    const { at, work } = agenda.next()
    now = at
    work()
  }
  times.sort((one, other) => one - other)
  return {
    rate: times.length / now,
    p50: times[Math.floor(times.length * 0.5)],
    p99: times[Math.floor(times.length * 0.99)],
    busy: busy / now / processes,
    redisBusy: redisBusy / now,
  }
}
