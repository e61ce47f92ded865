/**
 * Requests at a fixed rate whatever becomes of the answers (an open loop), the time of each taken from the moment it was
 * due. Several streams at once, each over connections of its own, which are open before anything counts, as a gateway's
 * are: Node accepts one new connection a turn of its loop, so those that come in a flood would wait for themselves. Open
 * is what has been answered once: the kernel takes connections long before the service does.
 */
import { connect } from 'node:net'

/** Milliseconds. */
const NAP = 0.2
/** Milliseconds after the last request that an answer may still take to count. */
const GRACE = 8_000

const HELLO = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'

const napping = new Int32Array(new SharedArrayBuffer(4))

/**
 * `streams` is a list of `{name, rate, next, atMost}`: requests a second, or `Infinity` for as many as come back (a closed
 * loop); what gives the bytes of each; and how many connections it has. Gives what became of each stream.
 */
export async function pour(port, seconds, streams) {
  const pumps = streams.map((stream) => createPump(port, seconds, stream))
  await Promise.all(pumps.map(({ opened }) => opened))
  const began = performance.now()
  for (const pump of pumps) pump.begin(began)
  await new Promise((resolve) => {
    function turn() {
      const now = performance.now()
      let next = Number.POSITIVE_INFINITY
      for (const pump of pumps) next = Math.min(next, pump.send(now))
      const over = now - began - seconds * 1000
      if (over > GRACE || (over > 0 && pumps.every((pump) => pump.isDone()))) return resolve()
      // WeChat works on this core too.
      if (next - performance.now() > NAP) Atomics.wait(napping, 0, 0, NAP)
      setImmediate(turn)
    }
    turn()
  })
  return Object.fromEntries(pumps.map((pump) => [pump.name, pump.end()]))
}

function createPump(port, seconds, { name, rate, next, atMost }) {
  const idle = []
  const all = new Set()
  const closedLoop = rate === Number.POSITIVE_INFINITY
  const total = closedLoop ? Number.POSITIVE_INFINITY : Math.floor(rate * seconds)
  const result = { sent: 0, good: 0, shed: 0, others: {}, lost: 0, goodTimes: [], shedTimes: [], ends: [] }
  let began = 0
  let ended = false
  let busy = 0

  function heard(connection, status, now) {
    const time = now - connection.due
    if (status >= 200 && status < 300) {
      result.good++
      result.goodTimes.push(time)
      result.ends.push(now - began)
    } else if (status === 503) {
      result.shed++
      result.shedTimes.push(time)
    } else result.others[status] = (result.others[status] ?? 0) + 1
    if (status < 200 || status >= 300) result.lastBad = now - began
  }

  function open() {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const connection = { socket, due: 0, busy: false, bytes: undefined }
    all.add(connection)
    socket.on('connect', () => socket.write(HELLO))
    socket.on('data', (chunk) => {
      const bytes = connection.bytes === undefined ? chunk : Buffer.concat([connection.bytes, chunk])
      if (!isWhole(bytes)) {
        connection.bytes = bytes
        return
      }
      connection.bytes = undefined
      if (connection.busy) {
        connection.busy = false
        busy--
        heard(connection, Number(bytes.latin1Slice(9, 12)), performance.now())
      }
      idle.push(connection)
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      all.delete(connection)
      const at = idle.indexOf(connection)
      if (at >= 0) idle.splice(at, 1)
      if (!connection.busy) return
      busy--
      if (!ended) {
        result.lost++
        result.lastBad = performance.now() - began
      }
    })
    return new Promise((resolve) => socket.once('data', resolve).once('close', resolve))
  }

  return {
    name,
    opened: Promise.all(Array.from({ length: atMost }, open)),
    begin(now) {
      began = now
    },
    /** Sends what is due, and tells when the next is. */
    send(now) {
      if (closedLoop && now - began > seconds * 1000) return Number.POSITIVE_INFINITY
      while (result.sent < total) {
        const due = closedLoop ? now : began + (result.sent * 1000) / rate
        if (due > now) return due
        const connection = idle.pop()
        if (connection === undefined) {
          // In place of those that were hung up.
          while (all.size < atMost) open()
          return now + 1
        }
        connection.due = due
        connection.busy = true
        busy++
        result.sent++
        connection.socket.write(next())
      }
      return Number.POSITIVE_INFINITY
    },
    isDone: () => busy === 0 && (closedLoop || result.sent >= total),
    end() {
      ended = true
      result.lost += busy
      if (!closedLoop) result.lost += total - result.sent
      for (const { socket } of all) socket.destroy()
      return result
    },
  }
}

/** Whether `bytes` hold a whole answer. */
function isWhole(bytes) {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return false
  const at = bytes.indexOf('Content-Length: ')
  if (at < 0 || at > end) return true
  return bytes.length >= end + 4 + Number.parseInt(bytes.latin1Slice(at + 16, at + 24), 10)
}

/** A quantile, in milliseconds; `undefined` of nothing. */
export function quantile(times, share) {
  const sorted = Float64Array.from(times).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}
