/** What the first process does where WORKERS are several: it has them served by others, and answers no request itself. */

/** A process that serves, as its supervisor sees it. */
export interface Worker {
  readonly pid: number | undefined
  /** Asks it to end in order. */
  stop(reason: string): void
  kill(): void
}

/** How it ended: by itself, or by a signal. */
export interface End {
  readonly status: number | null
  readonly signal: string | null
}

/**
 * Starts a worker. It calls back later, never at once.
 *
 * @param sweeps whether it is the one that deletes what has expired
 */
export type Fork = (
  sweeps: boolean,
  heard: { listening: (port: number) => void; ended: (end: End) => void },
) => Worker

/** The passing of time. */
export interface Time {
  /** Milliseconds since any moment. */
  now(): number
  /** Runs something after so many milliseconds, unless what it gives is called before. */
  after(milliseconds: number, run: () => void): () => void
}

export interface SupervisorLog {
  info(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** A worker that lived for so long counts as one that works, and the next one need not wait. In milliseconds. */
const PROVEN = 60_000

/** Before a worker takes a dead one's place; where one dies after the other the pause doubles. In milliseconds. */
const SHORTEST_PAUSE = 100
const LONGEST_PAUSE = 30_000

/**
 * Starts one worker, and the others when it listens: a new database, its migration and its secret are made once, and
 * what keeps the service from starting is said once. A worker that dies is replaced. One that ends before it listens
 * ends the service with its status, unless others serve; then it is tried again.
 *
 * @param patience milliseconds that an orderly end may take before the workers that are left are killed
 * @param ready is told the port when all listen, once
 * @param exit is called once, when no worker is left: with 0 where all of them ended with 0 when they were asked to
 */
export function createSupervisor({
  count,
  fork,
  time,
  patience,
  log,
  ready,
  exit,
}: {
  count: number
  fork: Fork
  time: Time
  patience: number
  log: SupervisorLog
  ready: (port: number) => void
  exit: (status: number) => void
}) {
  const places = Array.from({ length: count }, (_, index) => ({
    sweeps: index === 0,
    worker: undefined as Worker | undefined,
    listens: false,
    /** Workers that died here in a row, each before it had proven itself. */
    failures: 0,
    /** Keeps the next one from starting, where one is to come. */
    cancelNext: undefined as (() => void) | undefined,
  }))
  type Place = (typeof places)[number]
  let isReady = false
  let status: number | undefined
  let cancelKill = () => {}

  function start(place: Place): void {
    const began = time.now()
    place.cancelNext = undefined
    place.worker = fork(place.sweeps, {
      listening(port) {
        place.listens = true
        if (isReady) log.info({ worker: place.worker?.pid }, 'a worker has taken its place')
        for (const other of places) {
          if (status === undefined && !other.worker && !other.cancelNext) start(other)
        }
        if (isReady || !places.every(({ listens }) => listens)) return
        isReady = true
        ready(port)
      },
      ended(end) {
        const { worker, listens } = place
        place.worker = undefined
        place.listens = false
        if (status !== undefined) {
          if (end.status !== 0) status ||= 1
          finish()
        } else if (!listens && !places.some((other) => other.listens)) {
          stop(end.status || 1)
        } else {
          place.failures = listens && time.now() - began >= PROVEN ? 0 : place.failures + 1
          replace(place, worker, end)
        }
      },
    })
  }

  function replace(place: Place, worker: Worker | undefined, end: End): void {
    const pause = Math.min(SHORTEST_PAUSE * 2 ** Math.max(0, place.failures - 1), LONGEST_PAUSE)
    const fields = { worker: worker?.pid, ...end, pause }
    // Somebody has asked it to.
    if (end.status === 0) log.info(fields, 'a worker ended, another one takes its place')
    else log.error(fields, 'a worker died, another one takes its place')
    place.cancelNext = time.after(pause, () => start(place))
  }

  function stop(endsWith: number, reason = 'a worker can not start'): void {
    status = endsWith
    cancelKill = time.after(patience, () => {
      log.error({}, 'the workers take too long to end')
      kill()
    })
    for (const { worker, cancelNext } of places) {
      cancelNext?.()
      worker?.stop(reason)
    }
    finish()
  }

  function finish(): void {
    if (status === undefined || places.some(({ worker }) => worker !== undefined)) return
    cancelKill()
    if (status === 0) log.info({}, 'stopped')
    exit(status)
  }

  function kill(): void {
    for (const { worker } of places) worker?.kill()
  }

  const [first] = places
  if (first) start(first)

  return {
    /** Has all workers end in order. Further calls change nothing. */
    stop(reason: string): void {
      if (status !== undefined) return
      log.info({ signal: reason }, 'stopping')
      stop(0, reason)
    },
    /** Ends the workers at once, whatever is under way. */
    kill,
  }
}
