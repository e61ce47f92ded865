/** One process that answers requests: the store open, the port taken, and an orderly end. */
import type { AddressInfo } from 'node:net'
import { R3SessionError } from '../domain/errors.js'
import type { Config } from './config/config.js'
import { placeOf } from './config/store.js'
import { createConnections } from './http/connections.js'
import { createHttpServer } from './http/server.js'
import type { ServiceLog } from './log/log.js'
import { listenAdvice, type PortSetting } from './log/start-advice.js'
import { openMetricsPort } from './metrics/server.js'
import { createShutdown, usualPatience } from './shutdown.js'
import { openService } from './wire.js'
import type { Reporting } from './workers/cluster.js'

const MINUTE = 60_000

/**
 * Connections that wait to be accepted, which Node does one by one, one a turn of its loop. Whoever finds no room there
 * tries again a second later, by TCP's rules. The system may allow fewer (net.core.somaxconn).
 */
const BACKLOG = 4096

/**
 * Opens the service and its port, and gives the function that stops it. What keeps it from starting is logged, and ends
 * the process with status 1.
 *
 * @param sweeps whether this process deletes what has expired; of those that share a store, one does
 * @param reporting the part of this process in the metrics of all, where several serve
 * @param listening is told once where the service is to be found
 * @param unshare as for `createShutdown`
 * @param giveUp ends the process when it does not end in order
 */
export async function serve(
  config: Config,
  {
    log,
    newRequestId,
    sweeps,
    listening,
    unshare,
    exit,
    giveUp,
    monotonic,
    reporting,
  }: {
    log: ServiceLog['log']
    newRequestId: () => string
    sweeps: boolean
    listening: (place: { port: number; sandboxUrl: string | undefined }) => void
    unshare?: () => Promise<unknown>
    exit: (status: number) => Promise<never>
    giveUp: () => void
    monotonic: () => number
    reporting?: Reporting | undefined
  },
): Promise<(signal: string) => void> {
  const service = await openService(config, log, undefined, reporting?.gather).catch((error: unknown) => {
    const reason = error instanceof R3SessionError ? error.cause : error
    log.fatal(
      { store: placeOf(config.store), cause: reason instanceof Error ? reason.message : undefined },
      'cannot open the store',
    )
    return exit(1)
  })

  reporting?.start(service.report)

  const connections = createConnections()
  const server = createHttpServer(service.listener, newRequestId, connections)
  server.on('error', ({ code }: NodeJS.ErrnoException) => fail(code, server.listening, 'PORT', config.port))

  function fail(code: string | undefined, isOpen: boolean, setting: PortSetting, port: number): void {
    // No descriptor for one more connection, say; the next one may find one.
    if (isOpen) {
      log.error({ cause: code }, 'a connection could not be accepted')
      return
    }
    const { host } = config
    const advice = listenAdvice(code, { host, port }, setting).en
    log.fatal({ host, port, cause: code, advice }, 'cannot listen')
    exit(1)
  }

  function listen(): void {
    server.listen({ port: config.port, host: config.host, backlog: BACKLOG }, () => {
      const { port } = server.address() as AddressInfo
      listening({ port, sandboxUrl: service.sandboxUrl })
    })
  }

  const { host, metricsPort } = config
  const metrics =
    metricsPort === undefined
      ? undefined
      : openMetricsPort({
          listener: service.metricsListener,
          host,
          port: metricsPort,
          newRequestId,
          // Whoever is told of the service finds its metrics as well.
          listening: listen,
          failed: (code, isOpen) => fail(code, isOpen, 'METRICS_PORT', metricsPort),
        })
  if (metrics === undefined) listen()

  const minutely = setInterval(() => {
    service.logCounts()
    if (!sweeps) return
    service.sweep().catch((error: unknown) => {
      log.error(
        { code: error instanceof R3SessionError ? error.code : 'internal' },
        'sweeping expired sessions failed',
      )
    })
  }, MINUTE)

  return createShutdown({
    server,
    connections,
    patience: usualPatience(config.wechatTimeout, service.sandboxUrl !== undefined),
    log,
    begin() {
      clearInterval(minutely)
      service.stop()
    },
    async close() {
      service.logCounts()
      await metrics?.close()
      await service.close()
    },
    unshare,
    exit,
    giveUp,
    monotonic,
  })
}
