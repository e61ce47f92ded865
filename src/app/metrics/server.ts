/** The port of its own that metrics may have: no key, and nothing else to ask. */
import type { RequestListener } from 'node:http'
import { createConnections } from '../http/connections.js'
import { createHttpServer } from '../http/server.js'

/** Milliseconds that a scrape under way may still take when the process ends. */
const LAST_SCRAPE = 1_000

/**
 * Opens the port.
 *
 * @param failed is told why it can't be had, by the error's code, and of connections that could not be accepted
 */
export function openMetricsPort({
  listener,
  host,
  port,
  newRequestId,
  listening,
  failed,
}: {
  listener: RequestListener
  host: string
  port: number
  newRequestId: () => string
  listening: () => void
  failed: (code: string | undefined, isOpen: boolean) => void
}): { close(): Promise<void> } {
  const connections = createConnections()
  const server = createHttpServer(listener, newRequestId, connections)
  server.on('error', ({ code }: NodeJS.ErrnoException) => failed(code, server.listening))
  server.listen(port, host, listening)
  return {
    close: () =>
      new Promise((resolve) => {
        const late = setTimeout(() => connections.closeAll(), LAST_SCRAPE)
        server.close(() => {
          clearTimeout(late)
          resolve()
        })
        connections.closeIdle()
      }),
  }
}
