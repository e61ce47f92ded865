/** The process: settings in, port open, and an orderly end. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { R3SessionError } from '../domain/errors.js'
import { type Config, ConfigError, loadConfig } from './config.js'
import { defectOf } from './defect.js'
import { createHttpServer } from './server.js'
import { openService } from './wire.js'

/** sysexits.h: EX_CONFIG. */
const CONFIG_STATUS = 78
const SWEEP_EVERY = 60_000
/** Orchestrators kill 10 s (Docker) or 30 s (Kubernetes) after SIGTERM; besides WeChat nothing takes long. */
const STOP_WITHIN_BESIDES_WECHAT = 3_000

const config = settingsOrExit()
const stdout = pino.destination({ dest: 1, sync: true })
// Where nobody can write a log any more (a full disk), the service itself still has work to do.
stdout.on('error', () => {})
const log = pino(
  { level: config.logLevel, base: null, formatters: { level: (label) => ({ level: label }) } },
  stdout,
)

process.on('uncaughtException', (error) => {
  log.error(defectOf(error), 'a defect ended the process')
  process.exit(1)
})

const service = await openService(config, log).catch((error: unknown) => {
  const reason = error instanceof R3SessionError ? error.cause : error
  log.fatal(
    { store: config.sqlitePath, cause: reason instanceof Error ? reason.message : undefined },
    'cannot open the store',
  )
  process.exit(1)
})

const server = createHttpServer(service.app, randomUUID)
server.on('error', (error: NodeJS.ErrnoException) => {
  log.fatal({ host: config.host, port: config.port, cause: error.code }, 'cannot listen')
  process.exit(1)
})
server.listen(config.port, config.host, () => {
  const { port } = server.address() as AddressInfo
  if (config.sessionSecrets.some((secret) => secret.length < 32)) {
    log.warn('SESSION_SECRET is shorter than 32 characters; make one with: openssl rand -hex 32')
  }
  if (service.sandboxUrl !== undefined) {
    log.warn(
      { weixin: service.sandboxUrl },
      'SANDBOX: no WECHAT_APPID is set, so WeChat is imitated and anybody can log in as anybody. Not for production.',
    )
  }
  log.info({ host: config.host, port, url: `http://localhost:${port}` }, 'listening')
})

const sweeper = setInterval(() => {
  service.sweep().catch((error: unknown) => {
    log.error(
      { code: error instanceof R3SessionError ? error.code : 'internal' },
      'sweeping expired sessions failed',
    )
  })
}, SWEEP_EVERY)

let stopping = false
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stopping) process.exit(1)
    stopping = true
    stop(signal)
  })
}

function stop(signal: string): void {
  log.info({ signal }, 'stopping')
  clearInterval(sweeper)
  service.stop()
  const tooLong = setTimeout(
    () => server.closeAllConnections(),
    config.wechatTimeout + STOP_WITHIN_BESIDES_WECHAT,
  )
  server.close(async () => {
    clearTimeout(tooLong)
    await service.close()
    log.info('stopped')
    process.exit(0)
  })
  server.closeIdleConnections()
}

function settingsOrExit(): Config {
  try {
    return loadConfig(process.env, (path) => readFileSync(path, 'utf8'))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(CONFIG_STATUS)
  }
}
