import { once } from 'node:events'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import type { Got, Request } from 'got'
import { R3SessionError } from '../domain/errors.js'
import { invalidAnswer } from './wechat-answer.js'

/** Genuine answers have some 200 bytes, those with an access_token at most some 1000. */
const MAX_BYTES = 64 * 1024

/** A GET, or with a `body`, which goes out as JSON, a POST. */
export interface WechatRequest {
  /** Without a slash in front. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, string>>
}

/**
 * Carries requests to WeChat's server and the bodies of its answers back, under the rules of WechatGateway: one
 * deadline for a whole call, and a repeat only where the first request has changed nothing for certain.
 *
 * Nothing of got's errors leaves this file: their messages and options hold the URL, and with it AppSecret,
 * access_token and code. What an operator needs to know stands in the `cause`, in words of our own.
 */
export function createWechatTransport({
  api,
  timeout,
  backoff,
}: {
  api: string | URL
  timeout: number
  backoff: number
}) {
  const { protocol } = new URL(api)
  let client: Got | undefined

  /**
   * got is loaded by the first call: it takes some 60 ms and 10 MB, which a service that starts should not wait for
   * and an idle one should not hold.
   */
  async function loadClient(): Promise<Got> {
    client ??= (await import('got')).got.extend({
      prefixUrl: api,
      retry: { limit: 0 },
      followRedirect: false,
      throwHttpErrors: false,
      decompress: false,
      headers: { 'accept-encoding': 'identity', 'user-agent': 'r3session' },
      https: { rejectUnauthorized: true },
      // Every call has a connection of its own. On one that is kept, WeChat's closing and our request can cross on
      // the wire, and nobody could tell whether a code was spent.
      agent: { http: new HttpAgent({ keepAlive: false }), https: new HttpsAgent({ keepAlive: false }) },
    })
    return client
  }

  async function send(got: Got, request: WechatRequest, deadline: AbortSignal): Promise<Buffer> {
    const { path, query = {}, body } = request
    const stream = got.stream(path, {
      searchParams: query,
      signal: deadline,
      ...(body !== undefined && { method: 'POST', json: body }),
    })
    // A socket may still fail when we are done with it, and must not end the process then.
    stream.on('error', () => {})
    try {
      return await readAll(stream)
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

  /** What `read` makes of the answer; an error of `read` counts as WeChat's. */
  return async <T>(request: WechatRequest, read: (body: Buffer) => T): Promise<T> => {
    // Before the alarm is set: the deadline is WeChat's alone.
    const got = await loadClient()
    const deadline = new AbortController()
    const alarm = setTimeout(() => deadline.abort(), timeout)
    try {
      const attempt = async () => read(await send(got, request, deadline.signal))
      return await twiceAtMost(attempt, backoff, deadline.signal)
    } finally {
      clearTimeout(alarm)
    }
  }
}

/** Repeats what changed nothing for certain: a request that was never sent, or one that met a busy WeChat (-1). */
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

async function readAll(stream: Request): Promise<Buffer> {
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

/** A short word for the log: the code of a system error where that is all it can be, never a message. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^[A-Z_0-9]{1,40}$/.test(code) ? code : 'no answer'
}
