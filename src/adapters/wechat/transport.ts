import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { got, type Request } from 'got'
import { type ErrorCode, R3SessionError } from '../../domain/errors.js'
import { invalidAnswer } from './answers.js'
import { createWechatConnections } from './connections.js'

/** Genuine answers have some 200 bytes, those with an access_token at most some 1000. */
const MAX_BYTES = 64 * 1024

/** A GET, or with a `body`, which goes out as JSON, a POST. */
export interface WechatRequest {
  /** Without a slash in front. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, string>>
  /** What WeChat says when an earlier request has spent the code of this one; `code_used` without it. */
  readonly spent?: ErrorCode
}

/** A request that ended with its kept connection, without a byte of an answer: nobody knows whether WeChat got it. */
class Lost extends Error {}

/**
 * Carries requests to WeChat's server and the bodies of its answers back, under the rules of WechatGateway: one
 * deadline for a whole call, and a repeat only where the first request has changed nothing for certain, or has died with
 * a connection that WeChat had most likely closed before.
 *
 * Nothing of got's errors leaves this file: their messages and options hold the URL, and with it AppSecret,
 * access_token and code. What an operator needs to know stands in the `facts`, in words of our own.
 */
export function createWechatTransport({
  api,
  timeout,
  backoff,
  ...limits
}: {
  api: string | URL
  timeout: number
  backoff: number
  rest?: number | undefined
  maxAge?: number | undefined
  atMost?: number | undefined
}) {
  const secure = new URL(api).protocol === 'https:'
  const connections = createWechatConnections({ secure, ...limits })
  // got is imported like everything else and not by the first call: an import that failed, for want of a descriptor say,
  // stays failed, and no login would ever work again.
  const client = got.extend({
    prefixUrl: api,
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
    headers: { 'accept-encoding': 'identity', 'user-agent': 'r3session' },
    https: { rejectUnauthorized: true },
  })

  async function send(
    { path, query = {}, body }: WechatRequest,
    deadline: AbortSignal,
    agent: typeof connections.any,
  ): Promise<Buffer> {
    const stream = client.stream(path, {
      agent,
      searchParams: query,
      signal: deadline,
      ...(body !== undefined && { method: 'POST', json: body }),
    })
    const connection = connections.watch(stream)
    // A socket may still fail when we are done with it, and must not end the process then.
    stream.on('error', () => {})
    try {
      const answer = await readAll(stream)
      await connection.givenBack(deadline)
      return answer
    } catch (error) {
      // got forgets the socket of a connection that WeChat turned into another protocol (101).
      connection.cut()
      if (error instanceof R3SessionError) throw error
      const reason = deadline.aborted ? 'deadline passed' : reasonOf(error)
      if (connection.isKept() && !connection.hasAnswered() && !deadline.aborted) throw new Lost(reason)
      const facts = { reason }
      // By fact, not by error code (ECONNRESET comes before and after): Node holds the request back until the
      // connection stands, for https the verified TLS session.
      const stoodAt = secure ? stream.timings?.secureConnect : stream.timings?.connect
      if (stoodAt === undefined && !connection.isKept()) {
        throw new R3SessionError('wechat_unreachable', { facts })
      }
      throw new R3SessionError(deadline.aborted ? 'wechat_timeout' : 'wechat_invalid_response', { facts })
    } finally {
      stream.destroy()
    }
  }

  /** What `read` makes of the answer; an error of `read` counts as WeChat's. */
  async function ask<T>(request: WechatRequest, read: (body: Buffer) => T): Promise<T> {
    const deadline = new AbortController()
    const alarm = setTimeout(() => deadline.abort(), timeout)
    let lost: Lost | undefined

    // WeChat's closing of a kept connection and our request can cross on the wire. That is the usual end of such a
    // request, and then WeChat never saw it: so it is made again, once, where the same can't happen.
    async function attempt(): Promise<T> {
      const agent = lost === undefined ? connections.any : connections.fresh
      if (agent === connections.any) await connections.settle()
      try {
        return read(await send(request, deadline.signal, agent))
      } catch (error) {
        if (!(error instanceof Lost)) throw error
        lost = error
        return await attempt()
      }
    }

    try {
      return await twiceAtMost(attempt, backoff, deadline.signal)
    } catch (error) {
      throw lost === undefined ? error : afterLoss(error, lost, request)
    } finally {
      clearTimeout(alarm)
    }
  }

  return { ask, close: () => connections.close() }
}

/**
 * The error of a call whose first request was lost, in words that stay true in case WeChat did get it: the code may
 * be spent, by nobody else but us.
 */
function afterLoss(error: unknown, lost: Lost, { spent = 'code_used' }: WechatRequest): unknown {
  if (!(error instanceof R3SessionError)) return error
  if (!['code_used', 'wechat_unreachable', spent].includes(error.code)) return error
  const { reason: then, ...facts } = error.facts
  const reason = `${lost.message} on a kept connection${then === undefined ? '' : `, then ${then}`}`
  return new R3SessionError('wechat_invalid_response', { facts: { ...facts, reason } })
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
