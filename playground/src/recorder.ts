/** Wraps a `wx`, so that whatever a mini program does with it is entered in the journal. */
import type { Journal, Place } from './journal.js'
import { watchedRequest } from './watched-request.js'

/** What every asynchronous `wx` function takes, as far as it matters here. */
export interface Options {
  readonly success?: (result: never) => void
  readonly fail?: (failure: never) => void
  readonly complete?: (result: never) => void
  readonly [name: string]: unknown
}

export type Call = (options?: Options) => unknown

export interface RecordOptions {
  readonly journal: Journal
  /** Which phone it is. */
  readonly place: Place
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Enters what the service has asked WeChat since the last time. Never rejects. */
  readonly catchUp: () => Promise<void>
}

/** The functions that the phone answers by asking WeChat, and what it is told. */
const asked = {
  login: { topic: 'wxLogin', gives: ({ code }) => `code ${String(code).slice(0, 6)}…` },
  checkSession: { topic: 'wxCheckSession', gives: () => 'ok' },
  getUserInfo: { topic: 'wxUserInfo', gives: () => 'encryptedData, iv' },
  getUserProfile: { topic: 'wxUserInfo', gives: () => 'encryptedData, iv' },
} as const satisfies Record<string, { topic: string; gives: (result: Record<string, unknown>) => string }>

const storage = ['setStorage', 'getStorage', 'removeStorage', 'clearStorage', 'getStorageInfo'] as const

/** The same `wx`, watched. The storage, the network and WeChat see no difference; an answer is passed on once it is entered. */
export function recordWx<Wx extends object>(wx: Wx, options: RecordOptions): Wx {
  const { journal, place } = options
  const original = wx as Readonly<Record<string, unknown>>
  const functionOf = (name: string) => original[name] as Call

  const askWeixin = (name: keyof typeof asked): Call => {
    const { topic, gives } = asked[name]
    return (options = {}) => {
      journal.step({
        from: place,
        to: 'weixin',
        tone: 'call',
        label: `wx.${name}`,
        topic,
        detail: plain(options),
      })
      const back = { from: 'weixin', to: place } as const
      return watched(functionOf(name), options, {
        done: (result) =>
          journal.step({ ...back, tone: 'answer', label: gives(result), topic, detail: result }),
        failed: (failure) =>
          journal.step({ ...back, tone: 'failure', label: messageOf(failure), topic, detail: failure }),
      })
    }
  }

  const touchStorage = (name: string): Call => {
    return (options = {}) => {
      const key = typeof options['key'] === 'string' ? ` ${options['key']}` : ''
      const how = options['encrypt'] === true ? ' (encrypt)' : ''
      const enter = (outcome: string, detail: unknown) =>
        journal.step({
          from: place,
          to: place,
          tone: 'inside',
          label: `wx.${name}${key}${how}${outcome}`,
          topic: 'wxStorage',
          detail,
        })
      return watched(functionOf(name), options, {
        done: (result) => enter('', { ...plain(options), ...result }),
        failed: (failure) => enter(`: ${reasonOf(failure)}`, failure),
      })
    }
  }

  const request = watchedRequest(functionOf('request'), options)
  const recorded: Record<string, unknown> = { ...original, request }
  for (const name of Object.keys(asked)) recorded[name] = askWeixin(name as keyof typeof asked)
  for (const name of storage) recorded[name] = touchStorage(name)
  return recorded as Wx
}

/** Calls with callbacks where the caller gave some, and follows the promise where not. */
function watched(
  call: Call,
  options: Options,
  on: { done: (result: Record<string, unknown>) => void; failed: (failure: unknown) => void },
): unknown {
  const { success, fail, complete } = options
  if (success === undefined && fail === undefined && complete === undefined) {
    return (call(options) as Promise<Record<string, unknown>>).then(
      (result) => {
        on.done(result)
        return result
      },
      (failure: unknown) => {
        on.failed(failure)
        throw failure
      },
    )
  }
  return call({
    ...options,
    success: (result) => {
      on.done(result)
      success?.(result)
    },
    fail: (failure) => {
      on.failed(failure)
      fail?.(failure)
    },
  })
}

/** Options without callbacks. */
function plain(options: Options): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => typeof value !== 'function'))
}

function messageOf(failure: unknown): string {
  return String((failure as { errMsg?: unknown } | undefined)?.errMsg ?? failure)
}

/** `getStorage:fail data not found` → `data not found` */
function reasonOf(failure: unknown): string {
  return messageOf(failure).replace(/^\w+:fail:? ?/, '')
}
