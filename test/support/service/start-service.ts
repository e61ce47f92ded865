import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { loadConfig } from '#src/app/config/config.js'
import { createHttpServer } from '#src/app/http/server.js'
import type { Log } from '#src/app/log/logger.js'
import { type SandboxApp, startSandbox } from '#src/sandbox/index.js'
import { onTestStore } from '../redis/test-store.js'
import { bothWays } from './both-ways.js'
import { openService } from './declared-errors.js'
import { expectDocumented } from './documented-errors.js'

export type Json = Readonly<Record<string, unknown>>

/** An answer of the service. `json` is empty where the body is no JSON object. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: Json
}

/**
 * The assembled service on a free port of 127.0.0.1, with sessions in memory (or Redis), in front of a sandbox that stands for
 * WeChat. Both share a clock that moves only when the test says so. The caller closes it.
 */
export async function startService(
  options: { env?: Record<string, string>; apps?: readonly SandboxApp[]; log?: Log } = {},
) {
  const time = { now: Date.UTC(2026, 2, 1, 4) }
  const clock = () => time.now
  const { apps } = options
  const weixin = await startSandbox({ clock, ...(apps && { apps }) })
  const [app] = weixin.apps
  const env = await onTestStore({
    ...(apps
      ? { WECHAT_APPS: JSON.stringify(apps) }
      : app && { WECHAT_APPID: app.appid, WECHAT_SECRET: app.secret }),
    WECHAT_API: weixin.url,
    SESSION_STORE: 'sqlite::memory:',
    ...options.env,
  })
  const lines: object[] = []
  const log = {
    isLevelEnabled: () => true,
    debug: (fields: object) => lines.push(fields),
    info: (fields: object) => lines.push(fields),
    error: (fields: object) => lines.push(fields),
  }
  const config = loadConfig(env, () => {
    throw new Error('no files here')
  })
  const opened = await openService(config, options.log ?? log, clock)
  let stopped = false
  const service = {
    ...opened,
    stop() {
      stopped = true
      opened.stop()
    },
  }
  const server = createHttpServer(
    bothWays(service.app, () => stopped),
    randomUUID,
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function call(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(url + path, { method, redirect: 'manual', ...init })
    const text = await response.text()
    const answer = { status: response.status, headers: response.headers, text, json: asObject(text) }
    expectDocumented(method, path, answer)
    return answer
  }

  /** Sends JSON, with the token where there is one. */
  function send(method: string, path: string, { token, body }: { token?: string; body?: unknown } = {}) {
    return call(method, path, {
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  return {
    url,
    weixin,
    time,
    service,
    /** The log's lines so far. */
    lines,
    call,
    send,
    /** Logs a user of the sandbox in and gives the token. */
    async login(user?: string): Promise<string> {
      const { json } = await send('POST', '/v1/login', { body: await weixin.login(user) })
      expect(json).to.have.property('r3session')
      return String(json['r3session'])
    },
    async close(): Promise<void> {
      server.closeAllConnections()
      server.close()
      await service.close()
      await weixin.close()
    },
  }
}

export type RunningService = Awaited<ReturnType<typeof startService>>

function asObject(text: string): Json {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Json) : {}
  } catch {
    return {}
  }
}

/** Asserts that an answer is a whole and proper problem document of this code. */
export function expectProblem(answer: Answer, status: number, code: string, action?: string): void {
  expect(answer.json, answer.text).to.include({ status, code })
  expect(answer.status).to.equal(status)
  expect(answer.headers.get('content-type')).to.equal('application/problem+json')
  expect(answer.headers.get('cache-control')).to.equal('no-store')
  expect(answer.json['requestId']).to.equal(answer.headers.get('x-request-id'))
  expect(answer.json['type']).to.equal(`urn:r3session:error:${code}`)
  expect(answer.json['title']).to.be.a('string').that.is.not.empty
  if (action !== undefined) expect(answer.json['action']).to.equal(action)
  if (status === 429 || status === 503) expect(Number(answer.headers.get('retry-after'))).to.be.greaterThan(0)
}
