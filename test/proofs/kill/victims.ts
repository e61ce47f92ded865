import { type ChildProcess, fork } from 'node:child_process'
import { Agent } from 'node:http'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import { spawnService } from '../../support/service/spawn-service.js'
import { startHoldingWechat } from '../../support/wechat/holding-wechat.js'
import { ask } from '../ask.js'
import type { Asked, Told } from './store-process.js'

/** A process on a database, which is going to be killed. Every call fails once it is dead. */
export interface Victim {
  /** Logs in a user of this name, and resolves with the token when that is confirmed. */
  login(user: string): Promise<string>
  /** Resolves when the end of the session is confirmed. */
  logout(token: string): Promise<void>
  lives(token: string): Promise<boolean>
  /** By SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
}

/** Processes to be killed, always on the same data. */
export interface Victims {
  /** Whether the next one is the whole service. */
  isService(cycle: number): boolean
  start(path: string, cycle: number): Promise<Victim>
  /** What is wrong with the data that nobody uses any more. */
  damage(path: string): string | undefined
  close(): Promise<void>
}

const SECRET = 'a secret that both kinds of process have'

/** The settings of a whole service, but for the addresses of its store and of WeChat. */
export const SERVICE = {
  SESSION_SECRET: SECRET,
  WECHAT_APPID: 'wx0123456789abcdef',
  WECHAT_SECRET: '0123456789abcdef0123456789abcdef',
  // Longer than a busy machine takes.
  WECHAT_TIMEOUT: '30000',
  LIMIT_LOGINS: '0',
  NODE_V8_COVERAGE: '',
}

/** A service that is asked over HTTP. */
export function askedOver(agent: Agent, url: string): Omit<Victim, 'kill'> {
  const call = async (wanted: readonly number[], ...[method, path, sent]: [string, string, object?]) => {
    const answer = await ask(agent, url + path, method, sent)
    if (!wanted.includes(answer.status)) throw new Refused(`${method} ${path} gave ${answer.status}`)
    return answer
  }
  return {
    async login(user) {
      const { json } = await call([201], 'POST', '/v1/login', { body: { code: user } })
      return String(json['r3session'])
    },
    logout: async (token) => void (await call([204], 'DELETE', '/v1/session', { token })),
    lives: async (token) => (await call([200, 401], 'GET', '/v1/session', { token })).status === 200,
  }
}

/** One in `serviceEach` is the whole service on a SQLite file, the others are its store alone. */
export async function createSqliteVictims(serviceEach: number): Promise<Victims> {
  const services = await createServices()
  const stores = createStores()
  const isService = (cycle: number) => cycle % serviceEach === 0
  return {
    isService,
    start: (path, cycle) => (isService(cycle) ? services : stores).start(path),
    damage(path) {
      const db = openConnection(path)
      const found = db.pragma('integrity_check', { simple: true })
      db.close()
      return found === 'ok' ? undefined : String(found)
    },
    async close() {
      await stores.close()
      await services.close()
    },
  }
}

/** The whole service as it ships, asked over HTTP. */
async function createServices() {
  const wechat = await startHoldingWechat()
  return {
    async start(path: string): Promise<Victim> {
      const service = await spawnService({
        ...SERVICE,
        SESSION_STORE: `sqlite:${path}`,
        WECHAT_API: wechat.url,
      })
      const agent = new Agent({ keepAlive: true })
      return {
        ...askedOver(agent, service.url),
        async kill() {
          await service.kill('SIGKILL')
          agent.destroy()
        },
      }
    },
    close: wechat.close,
  }
}

/** An answer that says no. */
export class Refused extends Error {}

/**
 * Processes that have the store alone, opened as the service opens it: they start in a fraction of the time. One stands
 * by with its modules loaded while the other is at work.
 */
function createStores() {
  const spawn = () =>
    fork(new URL('./store-process.js', import.meta.url), {
      // Neither source maps nor coverage, which cost more than a process's short life does.
      execArgv: [],
      env: {},
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
  let next = spawn()

  return {
    async start(path: string): Promise<Victim> {
      const child = next
      next = spawn()
      const call = callsTo(child)
      await call({ open: path, secret: SECRET })
      return {
        login: async (user) => String(await call({ login: user })),
        logout: async (token) => void (await call({ logout: token })),
        lives: async (token) => (await call({ lives: token })) === true,
        kill: () => end(child),
      }
    },
    close: () => end(next),
  }
}

function callsTo(child: ChildProcess) {
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>()
  let count = 0
  let isDead = false
  child.on('message', ({ id, result, failure }: Told) => {
    if (failure === undefined) waiting.get(id)?.resolve(result)
    else waiting.get(id)?.reject(new Refused(failure))
    waiting.delete(id)
  })
  child.on('error', () => {})
  child.once('exit', () => {
    isDead = true
    for (const { reject } of waiting.values()) reject(new Error('it is dead'))
  })
  return (what: Asked['what']) =>
    new Promise<unknown>((resolve, reject) => {
      if (isDead || !child.connected) return reject(new Error('it is dead'))
      waiting.set(++count, { resolve, reject })
      child.send({ id: count, what } satisfies Asked)
    })
}

async function end(child: ChildProcess): Promise<void> {
  // `once` would also fail by the error of what could not be sent any more.
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGKILL')
  await ended
}
