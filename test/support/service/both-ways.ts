/**
 * Sends every request that is answered ahead of Koa through Koa as well, and compares the answers byte by byte. Every
 * test's service is watched so; one difference fails the test run at its end.
 *
 * A login code is good for one login, so what a route does is done once: the second way reads the inputs for itself,
 * which have to be the same, and is then given what came of the first.
 */

import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import { expect } from 'chai'
import Koa from 'koa'
import { type Admission, createAdmission } from '#src/app/admission/admission.js'
import type { App } from '#src/app/app.js'
import type { Asked } from '#src/app/http/asked.js'
import { ExplainedError } from '#src/app/http/problems.js'
import { createHandling } from '#src/app/http/requests.js'
import type { Answer, Route } from '#src/app/http/route.js'
import { serve } from '#src/app/http/router.js'
import { R3SessionError } from '#src/domain/errors.js'

const differences: string[] = []
let compared = 0

/** How many answers were compared so far, and the differences that were found, which then fail no test run any more. */
export function takeCompared(): { compared: number; differences: string[] } {
  return { compared, differences: differences.splice(0) }
}

interface Done {
  readonly inputs: unknown
  readonly outcome: { readonly answer: Answer } | { readonly error: unknown }
}

/** A listener like that of the service. */
export function bothWays({ koa, direct, routes }: App, isStopping: () => boolean): RequestListener {
  const done = new Map<string, Done>()
  for (const route of routes) if (route.isHot) remember(route, done)
  let id = ''
  const second = new Koa()
  second.silent = true
  const log = { isLevelEnabled: () => false, debug() {}, info() {}, error() {} }
  const admission = createAdmission({ after: () => () => {} })
  const clientOf = () => ''
  const handling = createHandling({ routes, log, monotonic: () => 0, isStopping, clientOf, admission })
  second.use(serve(routes, handling, () => id))
  const throughKoa = koa.callback()
  const again = second.callback()

  return (request, response) => {
    const first = new Copy(request, response)
    if (!direct(first.request, first.response)) return void throughKoa(request, response)
    const other = new Copy(request, response)
    request.on('data', (piece: Buffer) => [first, other].map((copy) => copy.request.push(piece)))
    request.on('end', () => [first, other].map((copy) => copy.end()))
    request.on('close', () => {
      if (!request.complete) for (const copy of [first, other]) copy.request.destroy()
    })
    first.response.once('finish', () => {
      const [head = '', body = ''] = first.text.split(/\r\n\r\n(.*)/s)
      const [, ...fields] = head.split('\r\n').map((line) => line.split(/: (.*)/s).slice(0, 2))
      const own = fields.filter(([name = '']) => !/^(date|keep-alive)$/i.test(name))
      id = own.find(([name]) => name === 'X-Request-Id')?.[1] ?? ''
      void again(other.request, other.response)
      other.response.once('finish', () => compare(`${request.method} ${request.url}`, first, other))
      if (!response.destroyed) response.writeHead(first.response.statusCode, own.flat() as string[]).end(body)
    })
  }
}

function compare(what: string, first: Copy, second: Copy): void {
  compared++
  const [one, other] = [first, second].map(({ text }) => text.replace(/^Date: .*$/m, 'Date: now'))
  if (one !== other) differences.push(`${what}\n--- ahead of Koa\n${one}\n--- through Koa\n${other}`)
}

/** A request like another, whose body is pushed into it, and what is answered to it. */
class Copy {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  text = ''

  constructor(
    {
      method,
      url,
      headers,
      rawHeaders,
      httpVersion,
      httpVersionMajor,
      httpVersionMinor,
      socket,
    }: IncomingMessage,
    { shouldKeepAlive: keep }: ServerResponse,
  ) {
    const own = new Duplex({
      read() {},
      write: (chunk, _encoding, taken) => {
        this.text += chunk
        taken()
      },
    })
    Object.assign(own, { remoteAddress: socket.remoteAddress })
    this.request = new IncomingMessage(own as Socket)
    Object.assign(this.request, { method, url, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor })
    this.request.headers = { ...headers }
    this.response = new ServerResponse(this.request)
    this.response.shouldKeepAlive = keep
    this.response.assignSocket(own as Socket)
  }

  end(): void {
    this.request.complete = true
    this.request.push(null)
  }
}

/** Has a route do its work once for each request id, and compares the inputs of the second time with the first. */
function remember(route: Route, done: Map<string, Done>): void {
  const original = route.answer
  const watched = async (asked: Asked, admission: Admission): Promise<Answer> => {
    const earlier = done.get(asked.requestId)
    done.delete(asked.requestId)
    const { inputs, outcome } = earlier ?? (await work(asked, admission))
    if (earlier === undefined) done.set(asked.requestId, { inputs, outcome })
    else {
      const own = await inputsOf(route, asked)
      if (!isDeepStrictEqual(own, inputs))
        differences.push(`${route.path} read ${JSON.stringify([inputs, own])}`)
    }
    if ('error' in outcome) throw outcome.error
    return outcome.answer
  }

  async function work(asked: Asked, admission: Admission): Promise<Done> {
    let body: Promise<Buffer> | undefined
    const once: Asked = {
      ...asked,
      readBody: (limit) => {
        body ??= asked.readBody(limit)
        return body
      },
    }
    const outcome = await original(once, admission).then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    )
    return { outcome, inputs: await inputsOf(route, once) }
  }

  Object.assign(route, { answer: watched })
}

/** All that a route reads from a request, up to the first that is wrong. */
async function inputsOf({ credentials, headers, query, body }: Route, asked: Asked): Promise<unknown[]> {
  const read: unknown[] = []
  for (const input of [credentials, headers, query, body]) {
    try {
      read.push(await input?.read(asked))
    } catch (error) {
      const detail = error instanceof ExplainedError ? error.detail.en : ''
      return [...read, error instanceof R3SessionError ? `${error.code} ${detail}` : String(error)]
    }
  }
  return read
}

// Whoever starts a service imports this file, and so has this hook after all tests of the run.
after('every answer is the same ahead of Koa and through it', () => {
  expect(differences.join('\n\n')).to.equal('')
})
