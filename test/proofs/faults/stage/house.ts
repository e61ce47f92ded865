/** A service with a WeChat before it, and somebody who asks it and remembers what it said. */
import { Agent } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { spawnService } from '../../../support/service/spawn-service.js'
import { type Answered, ask } from '../../ask.js'
import { createLedger } from './ledger.js'
import type { Stub } from './stub.js'

/** Milliseconds for an answer, beyond which there is none; more than a busy machine needs. */
const PATIENCE = 20_000
/** Milliseconds for logins to work again: the breaker's pause, and a margin. */
const RECOVERY = 30_000

export const APPID = 'wx0123456789abcdef'

/** An answer as the tables have it: status and code. */
export const textOf = ({ status, code }: Answered) => (code === undefined ? `${status}` : `${status} ${code}`)

export interface HouseOptions {
  readonly wechat: Stub
  /** The path of the database. */
  readonly store: string
  readonly env?: Record<string, string>
  /** A program in front of the service, with its arguments. */
  readonly through?: readonly string[]
}

let codes = 0
/** Codes are users here, and no two faults share one. */
export const newCode = () => `code-${codes++}`

/** Starts the process as it ships. Where it does not come to listen, `service.port` is no number. */
export async function openHouse({ wechat, store, env = {}, through = [] }: HouseOptions) {
  const ledger = createLedger()
  const start = () =>
    spawnService(
      {
        SESSION_STORE: `sqlite:${store}`,
        WECHAT_API: wechat.url,
        WECHAT_APPID: APPID,
        WECHAT_SECRET: '0123456789abcdef0123456789abcdef',
        WECHAT_TIMEOUT: '2000',
        LIMIT_LOGINS: '0',
        // Of the bundle no coverage is asked, and many of these processes never get to write it.
        NODE_V8_COVERAGE: '',
        ...env,
      },
      { through },
    )
  let service = await start()
  let agent = new Agent({ keepAlive: true, maxSockets: 64 })

  async function send(method: string, path: string, what: Parameters<typeof ask>[3] = {}): Promise<Answered> {
    const none: Answered = { status: 0, code: 'none', json: {} }
    const answered = ask(agent, service.url + path, method, what).catch(
      ({ code }: NodeJS.ErrnoException): Answered =>
        code === 'ECONNREFUSED' ? { ...none, code: 'refused' } : none,
    )
    const timer = new AbortController()
    const tooLong = pause(PATIENCE, none, { signal: timer.signal }).catch(() => none)
    const answer = await Promise.race([answered, tooLong])
    timer.abort()
    return answer
  }

  async function login(code = newCode()): Promise<string> {
    const answer = await send('POST', '/v1/login', { body: { code } })
    ledger.note(answer)
    return spoken(answer)
  }

  const verify = async (token: string) => spoken(await send('GET', '/v1/auth', { token }))

  async function logout(token: string): Promise<string> {
    ledger.leaving(token)
    const said = spoken(await send('DELETE', '/v1/session', { token }))
    if (said === '204') ledger.left(token)
    return said
  }

  /** What verifications say until the work is done, each answer once. */
  async function verifyDuring<T>(work: Promise<T>): Promise<{ result: T; sessions: string[] }> {
    const said = new Set<string>()
    let isDone = false
    const done = work.finally(() => {
      isDone = true
    })
    do {
      for (const token of ledger.live().slice(-4)) said.add(await verify(token))
      await pause(5)
    } while (!isDone)
    return { result: await done, sessions: [...said] }
  }

  const house = {
    wechat,
    store,
    ledger,
    service: () => service,
    send,
    login,
    logout,
    verify,
    verifyDuring,
    ready: async () => spoken(await send('GET', '/readyz')),

    /** Three sessions, and one that was ended. */
    async furnish(): Promise<void> {
      for (let n = 0; n < 4; n++) {
        const said = await login()
        if (said !== '201') throw new Error(`the service does not log in without a fault: ${said}`)
      }
      const [first] = ledger.live()
      if (first !== undefined) await logout(first)
    },

    /** Waits until logins work again. */
    async recovery(): Promise<'by itself' | 'no'> {
      const until = performance.now() + RECOVERY
      while (performance.now() < until) {
        if ((await login()) === '201') return 'by itself'
        await pause(100)
      }
      return 'no'
    },

    lost: () => ledger.lost(verify),

    async end(signal: NodeJS.Signals = 'SIGTERM') {
      agent.destroy()
      return service.kill(signal)
    },

    /** Starts it anew on the same store, and tells what came of it: `listening`, or the status and why. */
    async start(): Promise<string> {
      service = await start()
      agent = new Agent({ keepAlive: true, maxSockets: 64 })
      if (!Number.isNaN(service.port)) return 'listening'
      const { status } = await service.ended
      return `${status} ${service.lines().at(-1)?.['msg'] ?? service.stderr()}`
    },

    async close(): Promise<void> {
      agent.destroy()
      await service.kill('SIGKILL')
    },
  }
  return house
}

export type House = Awaited<ReturnType<typeof openHouse>>

function spoken(answer: Answered): string {
  return answer.status === 0 ? (answer.code ?? 'none') : textOf(answer)
}
