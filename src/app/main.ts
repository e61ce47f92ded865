/** The process: settings in, port open, and an orderly end. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { R3SessionError } from '../domain/errors.js'
import { type Config, ConfigError, loadConfig } from './config/config.js'
import { languageOf } from './config/language.js'
import { placeOf } from './config/store.js'
import { createConnections } from './http/connections.js'
import { createHttpServer } from './http/server.js'
import { announce } from './log/announce.js'
import { defectOf } from './log/defect.js'
import { createLog } from './log/log.js'
import { listenAdvice } from './log/start-advice.js'
import { createShutdown, usualPatience } from './shutdown.js'
import { openService } from './wire.js'

/** sysexits.h: EX_CONFIG. */
const CONFIG_STATUS = 78
const MINUTE = 60_000

const language = languageOf(process.env)
const config = settingsOrExit()
const output = createLog(config, process.stdout, { coloured: !process.env['NO_COLOR'] })
const { log } = output

process.on('uncaughtException', (error) => {
  log.error(defectOf(error), 'a defect ended the process')
  exit(1)
})

// Whoever ends the process in a hurry takes the last lines along.
process.on('exit', () => output.send())

const service = await openService(config, log).catch((error: unknown) => {
  const reason = error instanceof R3SessionError ? error.cause : error
  log.fatal(
    { store: placeOf(config.store), cause: reason instanceof Error ? reason.message : undefined },
    'cannot open the store',
  )
  return exit(1)
})

const connections = createConnections()
const server = createHttpServer(service.listener, randomUUID, connections)
server.on('error', ({ code }: NodeJS.ErrnoException) => {
  // No descriptor for one more connection, say; the next one may find one.
  if (server.listening) return log.error({ cause: code }, 'a connection could not be accepted')
  const { host, port } = config
  log.fatal({ host, port, cause: code, advice: listenAdvice(code, config).en }, 'cannot listen')
  exit(1)
})
server.listen(config.port, config.host, () => {
  const { port } = server.address() as AddressInfo
  const { host, warnings } = config
  announce(output, { host, port, sandboxUrl: service.sandboxUrl }, { warnings, language })
})

const minutely = setInterval(() => {
  service.logVerified()
  service.sweep().catch((error: unknown) => {
    log.error(
      { code: error instanceof R3SessionError ? error.code : 'internal' },
      'sweeping expired sessions failed',
    )
  })
}, MINUTE)

const stop = createShutdown({
  server,
  connections,
  patience: usualPatience(config.wechatTimeout),
  log,
  refuse() {
    clearInterval(minutely)
    service.stop()
  },
  close() {
    service.logVerified()
    return service.close()
  },
  exit,
})
let asked = false
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // A second one is impatience, but for a hang-up: systemd and terminals send that one along.
    if (asked && signal !== 'SIGHUP') process.exit(1)
    asked = true
    stop(signal)
  })
}

/** Ends the process once its last lines are out, or nobody takes them. */
async function exit(status: number): Promise<never> {
  await output.flush()
  process.exit(status)
}

function settingsOrExit(): Config {
  try {
    return loadConfig(process.env, (path) => readFileSync(path, 'utf8'))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.in(language)}\n`)
    process.exit(CONFIG_STATUS)
  }
}
