import type { Callbacks, ClientOptions, Wx, WxAnswer, WxFailure, WxRequest } from '@r3session/client'
import { createClient } from '@r3session/client'
import { createFakeTime } from '../fake-time.js'
import { createFakeSocket, createFakeTask, type FakeSocket, type FakeTask } from './fake-tasks.js'

/** The outcome of a call: an answer, WeChat's `fail`, or no callback at all. */
export type Reply =
  | { readonly statusCode: number; readonly data?: unknown; readonly header?: Record<string, string> }
  | { readonly fail: WxFailure }
  | 'silence'

export interface Sent {
  readonly method: string
  readonly path: string
  readonly url: string
  readonly data: Readonly<Record<string, unknown>>
  /** Names in lower case. */
  readonly header: Readonly<Record<string, string>>
  readonly options: WxRequest
}

/** Milliseconds that every call takes. */
const LATENCY = 10

/** The token that the service gives for the n-th login, counted from 1. */
export const token = (n: number) => n.toString(16).padStart(128, '0')

export const problem = (
  statusCode: number,
  code: string,
  action: string,
  header: Record<string, string> = {},
): Reply => ({
  statusCode,
  data: {
    type: `urn:r3session:error:${code}`,
    title: `Title of ${code}`,
    status: statusCode,
    code,
    action,
    requestId: 'r-1',
  },
  header,
})

export const noSession = problem(401, 'invalid_session', 'relogin')

/**
 * A scripted `wx` and the service that it calls, both in memory and with a fake clock. The service knows its sessions.
 * Replies that are queued with `script` come first.
 */
export function createFakePhone() {
  const time = createFakeTime()
  const logins: string[] = []
  const sent: Sent[] = []
  const live = new Set<string>()
  const given = new Map<string, string>()
  const scripted = new Map<string, Reply[]>()
  const storage = new Map<string, { data: unknown; encrypted: boolean }>()
  let lastToken = 0

  const phone = {
    time,
    /** The codes that `wx.login` has given. */
    logins,
    /** When `wx.login` was called. */
    loginTimes: [] as number[],
    /** The requests that were sent. */
    sent,
    /** What `wx` returned for them. */
    tasks: [] as FakeTask[],
    /** The sockets that were opened. They open by themselves, with a valid token, unless `socketsAre` says otherwise. */
    sockets: [] as FakeSocket[],
    socketsAre: 'well' as 'well' | 'failing' | 'silent' | 'missing',
    /** The tokens that the service accepts. */
    live,
    storage,
    /** How the storage behaves; `old`: a base library without encryption. */
    storageIs: 'well' as 'well' | 'old' | 'no-encryption' | 'failing' | 'throwing' | 'silent',
    /** Whether `wx` calls back before a call returns, as some wrappers do. */
    synchronous: false,
    /** The storage functions that were called. */
    storageCalls: [] as string[],
    /** Queues replies for the next calls of a route or of `wx.login`; `undefined` is the normal answer. */
    script(route: string, ...replies: (Reply | undefined)[]) {
      scripted.set(route, [...(scripted.get(route) ?? []), ...(replies as Reply[])])
    },
    /** Removes all queued replies. */
    heal: () => scripted.clear(),
    paths: () => sent.map(({ method, path }) => `${method} ${path}`),
    client: (options: Partial<Omit<ClientOptions, 'wx'>> = {}) =>
      createClient({ baseUrl: 'https://login.test', wx, time, random: seeded(), ...options }),
  }

  function reply<T>({ success, fail }: Callbacks<T>, answer: T | { fail: WxFailure } | 'silence'): void {
    if (answer === 'silence') return
    const run = () => {
      if (typeof answer === 'object' && answer !== null && 'fail' in answer) fail(answer.fail as WxFailure)
      else success(answer as T)
    }
    if (phone.synchronous) run()
    else time.after(LATENCY, run)
  }

  function store<T>(name: string, callbacks: Callbacks<T>, act: () => T | { fail: WxFailure }): void {
    phone.storageCalls.push(name)
    if (phone.storageIs === 'throwing') throw new Error(`${name} is not for you`)
    if (phone.storageIs === 'silent') return
    reply(callbacks, phone.storageIs === 'failing' ? { fail: { errMsg: `${name}:fail` } } : act())
  }

  /** Answers as the service does, and returns a task whose `abort` fails the call. */
  function answer(name: string, options: WxRequest, { success, fail }: Callbacks<WxAnswer>): FakeTask {
    const { url, method = 'GET', data = {}, header = {} } = options
    const { pathname, search } = new URL(url, 'https://container.test')
    const lower = Object.fromEntries(
      Object.entries(header).map(([name, value]) => [name.toLowerCase(), value]),
    )
    const seen: Sent = {
      method,
      path: pathname + search,
      url,
      data: JSON.parse(JSON.stringify(data)),
      header: lower,
      options,
    }
    sent.push(seen)
    const answer = scripted.get(`${method} ${pathname}`)?.shift() ?? serve(seen)
    reply<WxAnswer>(
      { success, fail },
      typeof answer === 'object' && 'statusCode' in answer ? { data: '', header: {}, ...answer } : answer,
    )
    const task = createFakeTask(() => fail({ errMsg: `${name}:fail abort` }))
    phone.tasks.push(task)
    return task
  }

  const wx: Wx = {
    login(options) {
      const code = `code-${logins.length + 1}`
      logins.push(code)
      phone.loginTimes.push(time.elapsed())
      reply(options, (scripted.get('wx.login')?.shift() ?? { code }) as { code: string })
    },
    request: ({ success, fail, ...options }) => answer('request', options, { success, fail }),
    uploadFile: ({ success, fail, ...options }) =>
      answer(
        'uploadFile',
        { method: 'POST', ...options },
        {
          success: ({ statusCode, data }) => success({ statusCode, data: textOf(data) }),
          fail,
        },
      ),
    downloadFile: ({ success, fail, ...options }) =>
      answer('downloadFile', options, {
        // WeChat gives no more than this, also for an error.
        success: ({ statusCode }) =>
          success({ statusCode, tempFilePath: 'http://tmp/1' } as { statusCode: number }),
        fail,
      }),
    connectSocket({ fail, ...options }) {
      const socket = createFakeSocket(options)
      phone.sockets.push(socket)
      if (phone.socketsAre === 'missing') return undefined
      const isValid = live.has((options.header?.['Authorization'] ?? '').replace('Bearer ', ''))
      time.after(LATENCY, () => {
        if (phone.socketsAre === 'well' && isValid) socket.tell('Open', { header: {} })
        else if (phone.socketsAre !== 'silent') socket.tell('Error', { errMsg: 'Invalid HTTP status.' })
      })
      return socket.task
    },
    getStorage({ key, encrypt = false, ...callbacks }) {
      store('getStorage', callbacks, () => {
        const entry = storage.get(key)
        if (entry === undefined || entry.encrypted !== knows(encrypt))
          return { fail: { errMsg: 'getStorage:fail' } }
        return { data: entry.data }
      })
    },
    setStorage({ key, data, encrypt = false, ...callbacks }) {
      store('setStorage', callbacks, () => {
        if (encrypt && phone.storageIs === 'no-encryption') return { fail: { errMsg: 'setStorage:fail' } }
        storage.set(key, { data, encrypted: knows(encrypt) })
        return {}
      })
    },
    removeStorage({ key, ...callbacks }) {
      store('removeStorage', callbacks, () => {
        storage.delete(key)
        return {}
      })
    },
  }

  const textOf = (data: unknown) => (typeof data === 'string' ? data : JSON.stringify(data))
  const knows = (encrypt: boolean) => encrypt && phone.storageIs !== 'old'

  function serve({ method, path, data, header }: Sent): Reply {
    const route = `${method} ${path}`
    if (route === 'POST /v1/login') {
      const attempt = `${data['code']} ${header['idempotency-key']}`
      const r3session = given.get(attempt) ?? token(++lastToken)
      given.set(attempt, r3session)
      live.add(r3session)
      return { statusCode: 201, data: { r3session, expiresIn: 259_200 } }
    }
    const bearer = (header['authorization'] ?? '').replace('Bearer ', '')
    if (route === 'DELETE /v1/session') {
      live.delete(bearer)
      return { statusCode: 204 }
    }
    if (!live.has(bearer)) return noSession
    if (route === 'GET /v1/session') {
      const expiresAt = new Date(time.now() + 259_200_000).toISOString()
      return { statusCode: 200, data: { appid: 'wx1', openid: 'o1', createdAt: expiresAt, expiresAt } }
    }
    if (route === 'POST /v1/decrypt') return { statusCode: 200, data: { data: { openId: 'o1' } } }
    if (route === 'POST /v1/phone-number')
      return {
        statusCode: 200,
        data: { phoneNumber: '+8613800000000', purePhoneNumber: '13800000000', countryCode: '86' },
      }
    return { statusCode: 200, data: { bearer }, header: { 'X-Seen': 'yes' } }
  }

  return Object.assign(phone, { wx })
}

export type FakePhone = ReturnType<typeof createFakePhone>

/** Random numbers that are the same in every run. */
function seeded(): () => number {
  let state = 42
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}
