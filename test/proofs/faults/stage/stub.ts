import {
  type Behaviour,
  type FaultyServer,
  json,
  startFaultyServer,
} from '../../../support/wechat/faulty-server.js'

/** WeChat as it is when all is well: each code is a user. One connection a call, so that every call can be counted. */
export const healthy: Behaviour = (socket, head, body) => json(answerTo(head))(socket, head, body)

export function answerTo(head: string): object {
  const url = new URL(/^\S+ (\S+)/.exec(head)?.[1] ?? '/', 'http://wechat')
  const code = url.searchParams.get('js_code') ?? ''
  return { openid: `o-${code}`, session_key: Buffer.alloc(16, `${code} `).toString('base64') }
}

/** A WeChat that is well until it is told otherwise. */
export async function startStub(options: Parameters<typeof startFaultyServer>[0] = {}) {
  const server: FaultyServer = await startFaultyServer(options)
  server.meets(healthy)
  return server
}

export type Stub = FaultyServer
