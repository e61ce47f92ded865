import type { RecordOptions } from './recorder.js'
import { type Call, messageOf, type Options, plain, watched } from './watched-call.js'

/** The storage functions; each has a form with `Sync` at its end. */
export const storageFunctions = [
  'setStorage',
  'getStorage',
  'removeStorage',
  'clearStorage',
  'getStorageInfo',
  'batchSetStorage',
  'batchGetStorage',
] as const

/** One of `storageFunctions`, watched: an event at the phone once it is done. */
export function watchedStorage(name: string, call: Call, options: RecordOptions): Call {
  const enter = entering(name, options)
  return (given: Options = {}) => {
    const how = given['encrypt'] === true ? ' (encrypt)' : ''
    return watched(call, given, {
      done: (result) => enter(given['key'], how, { ...plain(given), ...result }),
      failed: (failure) => enter(given['key'], `${how}: ${reasonOf(failure)}`, failure),
    })
  }
}

/** Its synchronous form, which returns or throws. */
export function watchedStorageSync(
  name: string,
  call: (...given: unknown[]) => unknown,
  options: RecordOptions,
) {
  const enter = entering(name, options)
  return (...given: unknown[]): unknown => {
    try {
      const result = call(...given)
      enter(given[0], '', { given, result })
      return result
    } catch (error) {
      enter(given[0], `: ${reasonOf(error)}`, { given })
      throw error
    }
  }
}

function entering(name: string, { journal, place }: RecordOptions) {
  return (key: unknown, outcome: string, detail: unknown): void =>
    journal.step({
      from: place,
      to: place,
      tone: 'inside',
      label: `wx.${name}${typeof key === 'string' ? ` ${key}` : ''}${outcome}`,
      topic: 'wxStorage',
      detail,
    })
}

/** `getStorage:fail data not found` → `data not found` */
function reasonOf(failure: unknown): string {
  return messageOf(failure).replace(/^(Error: )?\w+:fail:? ?/, '')
}
