import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Passes requests on to `target`. Of those that `loses` says yes to the answer is thrown away, after the target has
 * given it: what a phone meets that enters a tunnel.
 */
export async function startLossyProxy(target: string, loses: (path: string) => boolean) {
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url = '/', headers } = incoming
    const onward = request(target + url, { method, headers, agent: false }, async (answer) => {
      const body = Buffer.concat(await answer.toArray())
      if (loses(url)) outgoing.destroy()
      else outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(body)
    })
    incoming.pipe(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close(): Promise<void> {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
