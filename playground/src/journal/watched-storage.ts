import type { RecordOptions } from './recorder.js'
import { type Call, messageOf, type Options, plain, watched } from './watched-call.js'

/** The storage functions. Each has a second form whose name ends with `Sync`. */
export const storageFunctions = [
  'setStorage',
  'getStorage',
  'removeStorage',
  'clearStorage',
  'getStorageInfo',
  'batchSetStorage',
  'batchGetStorage',
] as const

/** One of `storageFunctions`, recorded as an event at the phone when it is done. */
export function watchedStorage(name: string, call: Call, options: RecordOptions): Call {
  const addStep = stepWriter(name, options)
  return (given: Options = {}) => {
    const how = given['encrypt'] === true ? ' (encrypt)' : ''
    return watched(call, given, {
      done: (result) => addStep(given['key'], how, { ...plain(given), ...result }),
      failed: (failure) => addStep(given['key'], `${how}: ${reasonOf(failure)}`, failure),
    })
  }
}

/** The synchronous form, which returns or throws. */
export function watchedStorageSync(
  name: string,
  call: (...given: unknown[]) => unknown,
  options: RecordOptions,
) {
  const addStep = stepWriter(name, options)
  return (...given: unknown[]): unknown => {
    try {
      const result = call(...given)
      addStep(given[0], '', { given, result })
      return result
    } catch (error) {
      addStep(given[0], `: ${reasonOf(error)}`, { given })
      throw error
    }
  }
}

function stepWriter(name: string, { journal, place }: RecordOptions) {
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
