import { once } from 'node:events'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import { got, type Request, RequestError } from 'got'
import { R3SessionError } from '../domain/errors.js'
import type { WechatGateway, WechatIdentity } from '../domain/ports.js'
import { invalidAnswer, readIdentity } from './wechat-answer.js'

/** Genuine answers have some 200 bytes. */
const MAX_BYTES = 64 * 1024

/**
 * WeChat's server, over HTTP.
 *
 * Nothing of got's errors leaves this file: their messages and options hold the URL, and with it AppSecret and code.
 * What an operator needs to know stands in the `cause`, in words of our own.
 */
export function createHttpWechat({
  api,
  apps,
  timeout,
  backoff = 200,
}: {
  /** WeChat's address, in earnest `https://api.weixin.qq.com`; may have a path. */
  api: string | URL
  /** The AppSecret of every appid that is served. */
  apps: ReadonlyMap<string, string>
  /** Deadline of a whole call, its repeat included, in milliseconds. */
  timeout: number
  /** Milliseconds between a call and its repeat. */
  backoff?: number
}): WechatGateway {
  const { protocol } = new URL(api)
  const client = got.extend({
    prefixUrl: api,
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
    headers: { 'accept-encoding': 'identity', 'user-agent': 'r3session' },
    https: { rejectUnauthorized: true },
    // Every call has a connection of its own. On one that is kept, WeChat's closing and our request can cross on the
    // wire, and nobody could tell whether the login code was spent.
    agent: { http: new HttpAgent({ keepAlive: false }), https: new HttpsAgent({ keepAlive: false }) },
  })

  async function ask(query: Record<string, string>, deadline: AbortSignal): Promise<WechatIdentity> {
    const stream = client.stream('sns/jscode2session', { searchParams: query, signal: deadline })
    // A socket may still fail when we are done with it, and must not end the process then.
    stream.on('error', () => {})
    try {
      return readIdentity(await read(stream))
    } catch (error) {
      if (error instanceof R3SessionError) throw error
      const cause = new Error(deadline.aborted ? 'deadline passed' : reasonOf(error))
      // By fact, not by error code (ECONNRESET comes before and after): Node holds the request back until the
      // connection stands, for https the verified TLS session.
      const sentAt = protocol === 'https:' ? stream.timings?.secureConnect : stream.timings?.connect
      if (sentAt === undefined) throw new R3SessionError('wechat_unreachable', { cause })
      throw new R3SessionError(deadline.aborted ? 'wechat_timeout' : 'wechat_invalid_response', { cause })
    } finally {
      stream.destroy()
      // got forgets the socket of a connection that WeChat turned into another protocol (101).
      stream.socket?.destroy()
    }
  }

  return {
    async exchangeCode(appid, code) {
      const secret = apps.get(appid)
      if (secret === undefined) throw new R3SessionError('internal', { cause: new Error('appid not served') })
      const query = { appid, secret, js_code: code, grant_type: 'authorization_code' }
      const deadline = new AbortController()
      const alarm = setTimeout(() => deadline.abort(), timeout)
      try {
        return await twiceAtMost(() => ask(query, deadline.signal), backoff, deadline.signal)
      } finally {
        clearTimeout(alarm)
      }
    },
  }
}

/** Repeats what spent no code for certain: a request that was never sent, or one that met a busy WeChat (-1). */
async function twiceAtMost<T>(attempt: () => Promise<T>, backoff: number, deadline: AbortSignal): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    const code = error instanceof R3SessionError ? error.code : undefined
    if (code !== 'wechat_unreachable' && code !== 'wechat_busy') throw error
    await pause(backoff, undefined, { signal: deadline }).catch(() => {
      throw error
    })
    return await attempt()
  }
}

async function read(stream: Request): Promise<Buffer> {
  await once(stream, 'response')
  const status = stream.response?.statusCode
  if (status !== 200) throw invalidAnswer(`HTTP ${status}`)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BYTES) throw invalidAnswer('larger than 64 KiB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function reasonOf(error: unknown): string {
  const code = error instanceof RequestError ? error.code : ''
  return /^[A-Z_0-9]{1,40}$/.test(code) ? code : 'no answer'
}
