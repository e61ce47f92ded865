/** Workers as processes: node:cluster, and what they and the first process say to each other. */
import type { Cluster } from 'node:cluster'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { R3SessionError } from '../../domain/errors.js'
import type { Report } from '../metrics/metric.js'
import type { Gather } from '../metrics/metrics.js'
import type { Gathering, Member } from './gathering.js'
import type { Fork, Time } from './supervisor.js'

/** What a worker is told when it asks, which is the first it does: what comes before it listens to messages is lost. */
export interface Told {
  /**
   * The text of each file that a setting was in, by its path: all workers have the settings of the start, also one that
   * takes a dead one's place after a secret was changed on the disk.
   */
  readonly files: readonly (readonly [path: string, text: string])[]
  /** Whether it is the one that deletes what has expired. */
  readonly sweeps: boolean
}

type ToWorker = Told | { readonly stop: string } | 'report' | { readonly reports: readonly Report[] }
type FromWorker = 'asks' | 'leaves' | { readonly listening: number } | 'gathers' | { readonly report: Report }

/** Milliseconds: the first process waits for every worker less than this. */
const ANSWER_WITHIN = 3_000

/**
 * How a worker learns that the first process has let go of the socket: nothing else can be said once they no longer
 * talk, and the end of the talk is seen before that, on a busy machine by hundreds of milliseconds. A worker that does not
 * listen to it takes no notice.
 */
const LET_GO = 'SIGCONT'

/** The argument that makes a worker of the program; `ps` shows it too. */
const ROLE = 'worker'

/** Whether this process was started by `createFork`. (Process managers use node:cluster for themselves.) */
export function isWorker(): boolean {
  return process.argv[2] === ROLE && process.send !== undefined
}

/** Node's module, loaded where it is needed only: it would cost a lone process 4 ms and 1 MB. */
function nodeCluster(): Cluster {
  return createRequire(import.meta.url)('node:cluster')
}

/** `undefined` where this process is itself a worker of somebody else's cluster, in which there can't be another. */
export function clusterOfOurOwn(): Cluster | undefined {
  const cluster = nodeCluster()
  return cluster.isPrimary ? cluster : undefined
}

/**
 * Starts workers: this very program, with the same environment, options and output.
 *
 * All of them wait at one socket, and whoever is free takes the next connection. Node's usual way (SCHED_RR), a first
 * process that takes each and hands it over, made a new connection 2.2 times as dear (`bench/workers.mjs` with it), and
 * a gateway may open one for every request. What waits there outlives any worker, as it would not with a socket for each
 * (SO_REUSEPORT).
 */
export function createFork(cluster: Cluster, files: Told['files'], gathering: Gathering): Fork {
  cluster.schedulingPolicy = cluster.SCHED_NONE
  cluster.setupPrimary({ args: [ROLE] })
  return (sweeps, heard) => {
    const worker = cluster.fork()
    // A worker that is ending can't be told anything any more, and need not.
    const tell = (message: ToWorker) => worker.send(message, () => {})
    let toStop: string | undefined
    let member: Member | undefined
    worker.on('message', (message: FromWorker) => {
      if (message === 'asks') {
        tell({ files, sweeps })
        if (toStop !== undefined) tell({ stop: toStop })
      } else if (message === 'leaves') {
        member?.left()
        worker.process.disconnect()
      } else if (message === 'gathers') member?.gather((reports) => tell({ reports }))
      else if ('report' in message) member?.told(message.report)
      else {
        member = gathering.join(() => tell('report'))
        heard.listening(message.listening)
      }
    })
    // By now Node has let go of the socket, where this was the last to share it.
    worker.on('disconnect', () => worker.process.kill(LET_GO))
    worker.on('exit', (status, signal) => {
      member?.left()
      heard.ended({ status, signal })
    })
    worker.on('error', ({ code }: NodeJS.ErrnoException) => {
      // There is no process that could exit.
      if (worker.process.pid === undefined) heard.ended({ status: null, signal: code ?? null })
    })
    return {
      pid: worker.process.pid,
      stop(reason) {
        toStop = reason
        tell({ stop: reason })
      },
      kill: () => worker.process.kill('SIGKILL'),
    }
  }
}

/**
 * The worker's end. Resolves when it has been told what to do.
 *
 * A worker ends in order when the first process says so, when that is gone, and at a signal. Signals that a terminal or
 * systemd sends to all processes of the service come on top of the first process's word, so none is impatience here.
 *
 * @param onStop may be called before anything is open, and more than once
 */
export function joinPrimary(onStop: (reason: string) => void): Promise<Told> {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => onStop(signal))
  const { worker } = nodeCluster()
  worker?.on('disconnect', () => {
    // Without this Node would end the process on the spot.
    worker.exitedAfterDisconnect = true
    onStop('disconnect')
  })
  return new Promise((resolve) => {
    process.on('message', (message: ToWorker) => {
      if (typeof message === 'string') return
      if ('stop' in message) onStop(message.stop)
      else if ('files' in message) resolve(message)
    })
    tellPrimary('asks')
  })
}

/** Lets the first process know that this worker answers. */
export function tellListening(port: number): void {
  tellPrimary({ listening: port })
}

/** The worker's part in the metrics of all. */
export interface Reporting {
  /** The reports of all, asked for through the first process. Fails with `overloaded` where that does not answer. */
  readonly gather: Gather
  /** From here on the worker reports whenever it is asked to. */
  start(report: () => Promise<Report>): void
}

export function createReporting(after: Time['after']): Reporting {
  let waiting: ((reports: readonly Report[]) => void)[] = []

  return {
    gather: () =>
      new Promise((resolve, reject) => {
        const cancel = after(ANSWER_WITHIN, () => reject(new R3SessionError('overloaded')))
        waiting.push((reports) => {
          cancel()
          resolve(reports)
        })
        tellPrimary('gathers')
      }),

    start(report) {
      process.on('message', (message: ToWorker) => {
        if (message === 'report') {
          // Without it the latest one counts.
          report().then(
            (report) => tellPrimary({ report }),
            () => {},
          )
        } else if (typeof message === 'object' && 'reports' in message) {
          for (const answer of waiting) answer(message.reports)
          waiting = []
        }
      })
    },
  }
}

/**
 * Ends the talk with the first process, which holds the socket that all wait at until it has done so with every worker.
 * Resolves when it is done. Only then may the last worker close the socket, once nobody waits there: the first process
 * could not tell, and would have the system reset them.
 */
export async function leavePrimary(): Promise<void> {
  if (!process.connected) return
  const left = once(process, LET_GO)
  tellPrimary('leaves')
  await left
}

/** One that is gone can't be told anything; the `disconnect` says so. */
function tellPrimary(message: FromWorker): void {
  process.send?.(message, undefined, undefined, () => {})
}
