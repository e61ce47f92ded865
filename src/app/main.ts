/** The process: settings in, port open, and an orderly end. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { type Config, ConfigError, loadConfig } from './config/config.js'
import { languageOf } from './config/language.js'
import { announce } from './log/announce.js'
import { defectOf } from './log/defect.js'
import { createLog } from './log/log.js'
import { serve } from './serve.js'
import { workersPatience } from './shutdown.js'
import { after } from './timers.js'
import {
  clusterOfOurOwn,
  createFork,
  createReporting,
  isWorker,
  joinPrimary,
  leavePrimary,
  tellListening,
} from './workers/cluster.js'
import { createGathering } from './workers/gathering.js'
import { createSupervisor } from './workers/supervisor.js'

/** sysexits.h: EX_CONFIG. */
const CONFIG_STATUS = 78

let stop: ((reason: string) => void) | undefined
let toldToStop: string | undefined

const monotonic = () => performance.now()
const language = languageOf(process.env)
const files = new Map<string, string>()
const told = isWorker() ? await joinPrimary(stopWorker) : undefined
for (const [path, text] of told?.files ?? []) files.set(path, text)
const config = settingsOrExit()
const output = createLog(config, process.stdout, { coloured: !process.env['NO_COLOR'] })
const log = told === undefined ? output.log : output.log.child({ worker: process.pid })
const common = { log, newRequestId: randomUUID, exit, giveUp, monotonic }

process.on('uncaughtException', (error) => {
  log.error(defectOf(error), 'a defect ended the process')
  exit(1)
})

// Whoever ends the process in a hurry takes the last lines along.
process.on('exit', () => output.send())

const count = config.workers === 'auto' ? availableParallelism() : config.workers
const cluster = told === undefined && count > 1 ? clusterOfOurOwn() : undefined
if (told !== undefined) {
  const { sweeps } = told
  const reporting = createReporting(after)
  stop = await serve(config, {
    ...common,
    sweeps,
    reporting,
    listening: ({ port }) => tellListening(port),
    unshare: leavePrimary,
  })
  if (toldToStop !== undefined) stop(toldToStop)
} else if (cluster !== undefined) {
  const supervisor = createSupervisor({
    count,
    fork: createFork(cluster, [...files], createGathering({ after })),
    time: { now: monotonic, after },
    patience: workersPatience(config.wechatTimeout),
    log,
    ready: (port) => welcome({ port, workers: count }),
    exit,
  })
  endOnSignal(supervisor.stop, supervisor.kill)
} else {
  if (count > 1) log.warn('WORKERS has no effect: this process is itself a worker of another cluster')
  endOnSignal(await serve(config, { ...common, sweeps: true, listening: welcome }))
}

function welcome(place: { port: number; sandboxUrl?: string | undefined; workers?: number }): void {
  const { host, metricsPort, warnings } = config
  announce(output, { host, metricsPort, ...place }, { warnings, language })
}

function endOnSignal(end: (signal: string) => void, atOnce = () => {}): void {
  let asked = false
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // A second one is impatience, but for a hang-up: systemd and terminals send that one along.
      if (asked && signal !== 'SIGHUP') {
        atOnce()
        process.exit(1)
      }
      asked = true
      end(signal)
    })
  }
}

/** A worker may be told to stop while it still opens the store. */
function stopWorker(reason: string): void {
  toldToStop ??= reason
  stop?.(reason)
}

/** Ends the process once its last lines are out, or nobody takes them. */
async function exit(status: number): Promise<never> {
  await output.flush()
  process.exit(status)
}

/** Node's own way out waits for the thread that writes, and that one for the disk. */
function giveUp(): void {
  output.send()
  process.kill(process.pid, 'SIGKILL')
}

function settingsOrExit(): Config {
  try {
    return loadConfig(process.env, fileOnce)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.in(language)}\n`)
    process.exit(CONFIG_STATUS)
  }
}

/** Each file is read once for all workers, now and later. */
function fileOnce(path: string): string {
  const text = files.get(path) ?? readFileSync(path, 'utf8')
  files.set(path, text)
  return text
}
