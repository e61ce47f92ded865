/** Wraps a `wx`, so that the journal records everything that a mini program does with it. */
import type { Journal, Place } from './journal.js'
import type { Call } from './watched-call.js'
import { watchedRequest } from './watched-request.js'
import { storageFunctions, watchedStorage, watchedStorageSync } from './watched-storage.js'
import { watchedWeixin, weixinFunctions } from './watched-weixin.js'

/** What recording needs. */
export interface RecordOptions {
  readonly journal: Journal
  /** The phone that is recorded. */
  readonly place: Place
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Records what the service has asked WeChat since the last call. Never rejects. */
  readonly catchUp: () => Promise<void>
}

/** The same `wx`, recorded. It behaves as before, but records each answer before it passes it on. */
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
