import type { LookupFunction } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { type GotStream, got, type Request } from 'got'
import { type ErrorCode, R3SessionError } from '../../domain/errors.js'
import { invalidAnswer } from './answers.js'
import { type Breaker, NotAsked, NotReached } from './breaker.js'
import { createWechatConnections } from './connections.js'

/** Genuine answers have some 200 bytes, those with an access_token at most some 1000. */
const MAX_BYTES = 64 * 1024

/** Milliseconds that a connection may take to stand, DNS and TLS included; and no more than half of a call has. */
const CONNECT_TIMEOUT = 2_000

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
 * The end of a whole call: what is under way then says in `interrupt` how it is ended. An AbortSignal would do the same
 * for 7 us of the 80 that a call takes (bench/wechat-cpu.mjs).
 */
interface Deadline {
  passed: boolean
  interrupt: () => void
}

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
  breaker,
  connectTimeout = Math.min(CONNECT_TIMEOUT, timeout / 2),
  ...limits
}: {
  api: string | URL
  timeout: number
  backoff: number
  breaker?: Breaker | undefined
  connectTimeout?: number | undefined
  lookup?: LookupFunction | undefined
  rest?: number | undefined
  maxAge?: number | undefined
  atMost?: number | undefined
}) {
  const server = new URL(api)
  const secure = server.protocol === 'https:'
  const connections = createWechatConnections({ server, connectTimeout, ...limits })
  // got is imported like everything else and not by the first call: an import that failed, for want of a descriptor say,
  // stays failed, and no login would ever work again.
  const client = got.extend({
    prefixUrl: api,
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
    headers: { 'accept-encoding': 'identity', 'user-agent': 'r3session' },
  })
  // Instances, since got merges and checks whatever is given with a call.
  const overAny = client.extend({ request: connections.requestOverAny }).stream
  const overFresh = client.extend({ request: connections.requestOverFresh }).stream

  async function send(
    { path, query, body }: WechatRequest,
    deadline: Deadline,
    over: GotStream,
  ): Promise<Buffer> {
    if (deadline.passed) throw new NotAsked('wechat_unreachable', { facts: { reason: 'deadline passed' } })
    const url = query === undefined ? path : `${path}?${new URLSearchParams(query)}`
    const stream = body === undefined ? over(url) : over.post(url, { json: body })
    const connection = connections.watch(stream)
    deadline.interrupt = () => stream.destroy(new Error('deadline passed'))
    try {
      const answer = await readAll(stream)
      await connection.givenBack()
      return answer
    } catch (error) {
      // got forgets the socket of a connection that WeChat turned into another protocol (101).
      connection.cut()
      stream.destroy()
      if (error instanceof R3SessionError) throw error
      const reason = deadline.passed ? 'deadline passed' : reasonOf(error)
      if (connection.isKept() && !connection.hasAnswered() && !deadline.passed) throw new Lost(reason)
      const facts = { reason }
      // By fact, not by error code (ECONNRESET comes before and after): Node holds the request back until the
      // connection stands, for https the verified TLS session.
      const stoodAt = secure ? stream.timings?.secureConnect : stream.timings?.connect
      if (stoodAt === undefined && !connection.isKept()) {
        // Still in the queue for a connection, or without a descriptor for one.
        const isOurs = !connection.isThere() || /^E[MN]FILE$/.test(reason)
        throw new (isOurs ? NotAsked : NotReached)('wechat_unreachable', { facts })
      }
      throw new NotReached(deadline.passed ? 'wechat_timeout' : 'wechat_invalid_response', { facts })
    }
  }

  /** What `read` makes of the answer; an error of `read` counts as WeChat's. */
  async function ask<T>(request: WechatRequest, read: (body: Buffer) => T): Promise<T> {
    const deadline: Deadline = { passed: false, interrupt: () => {} }
    let isOver = false
    const alarm = setTimeout(async () => {
      deadline.passed = true
      // A loop that is late looks at its timers before it looks at what has come meanwhile: an answer, it may be.
      for (let turns = 0; turns < 3; turns++) await turn()
      if (!isOver) deadline.interrupt()
    }, timeout)
    let lost: Lost | undefined

    // WeChat's closing of a kept connection and our request can cross on the wire. That is the usual end of such a
    // request, and then WeChat never saw it: so it is made again, once, where the same can't happen.
    async function attempt(): Promise<T> {
      if (lost === undefined) await connections.settle()
      try {
        return read(await send(request, deadline, lost === undefined ? overAny : overFresh))
      } catch (error) {
        if (!(error instanceof Lost)) throw error
        lost = error
        return await attempt()
      }
    }

    try {
      return await twiceAtMost(attempt, backoff, deadline)
    } catch (error) {
      throw lost === undefined ? error : afterLoss(error, lost, request)
    } finally {
      isOver = true
      clearTimeout(alarm)
    }
  }

  return {
    ask<T>(request: WechatRequest, read: (body: Buffer) => T): Promise<T> {
      return breaker === undefined ? ask(request, read) : breaker.run(() => ask(request, read))
    },
    close: () => connections.close(),
  }
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
  const Kind = error instanceof NotReached ? NotReached : R3SessionError
  return new Kind('wechat_invalid_response', { facts: { ...facts, reason } })
}

/** Repeats what changed nothing for certain: a request that was never sent, or one that met a busy WeChat (-1). */
async function twiceAtMost<T>(attempt: () => Promise<T>, backoff: number, deadline: Deadline): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    const code = error instanceof R3SessionError ? error.code : undefined
    if ((code !== 'wechat_unreachable' && code !== 'wechat_busy') || deadline.passed) throw error
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, backoff)
      deadline.interrupt = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    if (deadline.passed) throw error
    return await attempt()
  }
}

/** By listeners: a loop over the stream takes 15 us more. */
function readAll(stream: Request): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    stream.once('response', ({ statusCode }) => {
      if (statusCode !== 200) reject(refusal(statusCode))
    })
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > MAX_BYTES) reject(invalidAnswer('larger than 64 KiB'))
      else chunks.push(chunk)
    })
    stream.once('end', () => resolve(Buffer.concat(chunks)))
    // A socket may still fail when we are done with it, and must not end the process then: so not `once`.
    stream.on('error', reject)
    stream.once('close', reject)
  })
}

/** A 5xx is what stands in front of a server that is down; anything else was said by somebody who is there. */
function refusal(status: number): R3SessionError {
  const reason = `HTTP ${status}`
  return status < 500
    ? invalidAnswer(reason)
    : new NotReached('wechat_invalid_response', { facts: { reason } })
}

/** A short word for the log: the code of a system error where that is all it can be, never a message. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^[A-Z_0-9]{1,40}$/.test(code) ? code : 'no answer'
}
