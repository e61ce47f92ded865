/** Wraps a `wx`, so that whatever a mini program does with it is entered in the journal. */
import type { Journal, Place } from './journal.js'
import type { Call } from './watched-call.js'
import { watchedRequest } from './watched-request.js'
import { storageFunctions, watchedStorage, watchedStorageSync } from './watched-storage.js'
import { watchedWeixin, weixinFunctions } from './watched-weixin.js'

/** What watching takes. */
export interface RecordOptions {
  readonly journal: Journal
  /** Which phone it is. */
  readonly place: Place
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Enters what the service has asked WeChat since the last time. Never rejects. */
  readonly catchUp: () => Promise<void>
}

/** The same `wx`, watched: it behaves as before, only that an answer is passed on when it has been entered. */
export function recordWx<Wx extends object>(wx: Wx, options: RecordOptions): Wx {
  const original = wx as Readonly<Record<string, Call>>
  const recorded: Record<string, unknown> = { ...original }
  const replace = (name: string, watch: (call: Call) => unknown) => {
    const call = original[name]
    if (call !== undefined) recorded[name] = watch(call)
  }

  replace('request', (call) => watchedRequest(call, options))
  for (const name of weixinFunctions) replace(name, (call) => watchedWeixin(name, call, options))
  for (const name of storageFunctions) {
    replace(name, (call) => watchedStorage(name, call, options))
    replace(`${name}Sync`, (call) => watchedStorageSync(`${name}Sync`, call as never, options))
  }
  return recorded as Wx
}
