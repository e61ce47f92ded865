/** One process that answers requests: the store open, the port taken, and an orderly end. */
import type { AddressInfo } from 'node:net'
import { R3SessionError } from '../domain/errors.js'
import type { Config } from './config/config.js'
import { placeOf } from './config/store.js'
import { createConnections } from './http/connections.js'
import { createHttpServer } from './http/server.js'
import type { ServiceLog } from './log/log.js'
import { listenAdvice } from './log/start-advice.js'
import { createShutdown, usualPatience } from './shutdown.js'
import { openService } from './wire.js'

const MINUTE = 60_000

/**
 * Opens the service and its port, and gives the function that stops it. What keeps it from starting is logged, and ends
 * the process with status 1.
 *
 * @param sweeps whether this process deletes what has expired; of those that share a store, one does
 * @param listening is told once where the service is to be found
 */
export async function serve(
  config: Config,
  {
    log,
    newRequestId,
    sweeps,
    listening,
    exit,
  }: {
    log: ServiceLog['log']
    newRequestId: () => string
    sweeps: boolean
    listening: (place: { port: number; sandboxUrl: string | undefined }) => void
    exit: (status: number) => Promise<never>
  },
): Promise<(signal: string) => void> {
  const service = await openService(config, log).catch((error: unknown) => {
    const reason = error instanceof R3SessionError ? error.cause : error
    log.fatal(
      { store: placeOf(config.store), cause: reason instanceof Error ? reason.message : undefined },
      'cannot open the store',
    )
    return exit(1)
  })

  const connections = createConnections()
  const server = createHttpServer(service.listener, newRequestId, connections)
  server.on('error', ({ code }: NodeJS.ErrnoException) => {
    // No descriptor for one more connection, say; the next one may find one.
    if (server.listening) return log.error({ cause: code }, 'a connection could not be accepted')
    const { host, port } = config
    log.fatal({ host, port, cause: code, advice: listenAdvice(code, config).en }, 'cannot listen')
    exit(1)
  })
  server.listen(config.port, config.host, () => {
    const { port } = server.address() as AddressInfo
    listening({ port, sandboxUrl: service.sandboxUrl })
  })

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
    patience: usualPatience(config.wechatTimeout),
    log,
    refuse() {
      clearInterval(minutely)
      service.stop()
    },
    close() {
      service.logCounts()
      return service.close()
    },
    exit,
  })
}
