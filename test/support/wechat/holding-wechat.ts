import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A WeChat for which each code is a user of that name. It answers at once, or all together when it was told to hold. */
export async function startHoldingWechat() {
  let held: { response: ServerResponse; text: string }[] = []
  let awaited = 0
  let onAll = () => {}
  const server = createServer((request, response) => {
    const code = new URL(request.url ?? '', 'http://wechat').searchParams.get('js_code')
    const text = JSON.stringify({
      openid: `o-${code}`,
      session_key: Buffer.alloc(16, code ?? '').toString('base64'),
    })
    if (awaited === 0) return response.end(text)
    held.push({ response, text })
    if (held.length === awaited) onAll()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,

    /** Resolves when so many have asked, who get no answer before `release`. */
    hold(count: number): Promise<void> {
      awaited = count
      return new Promise((resolve) => (onAll = resolve))
    },

    /** Resolves when all answers have left. */
    async release(): Promise<void> {
      const all = held
      held = []
      awaited = 0
      await Promise.all(
        all.map(({ response, text }) => new Promise<void>((left) => response.end(text, left))),
      )
    },

    async close(): Promise<void> {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}
