import { callApi, failureOf } from '../calls/api.js'
import { WxFailure, wrongParameter } from '../calls/failure.js'
import type { GetStorageOption, KeyValue, StorageInfo, WxStorage } from '../types/wx.js'
import { MAX_TOTAL, plainRecord, type Records, type StorageRecord, sizeOf } from './records.js'
import { fromStored, toStored } from './stored-value.js'

const KB = 1024

/** WeChat stores the data of plugins under keys with this prefix. */
const RESERVED = '__plugins__'

/** The storage functions for the records of one user in one mini program. */
export function createStorage(records: Records): WxStorage {
  const get = (key: string, encrypt = false): { value: unknown } | undefined => {
    const record = records.find(checkedKey(key))
    if (record === undefined || record.encrypted !== encrypt) return undefined
    const stored = encrypt ? records.decrypt(key, record) : record
    return stored && { value: fromStored(stored) }
  }
  const getOrEmpty = (key: string): unknown => {
    const found = get(key)
    return found === undefined ? '' : found.value
  }
  const getAll = (keys: unknown, name: string): unknown[] => checkedList<string>(keys, name).map(getOrEmpty)

  const set = (pairs: readonly KeyValue[], encrypt = false): void => {
    const written = new Map<string, StorageRecord>()
    for (const { key, value } of pairs) {
      const stored = toStored(value)
      written.set(checkedKey(key), encrypt ? records.encrypt(key, stored) : plainRecord(stored))
    }
    records.write(written)
  }

  const remove = (key: string): void => records.remove(checkedKey(key))

  return {
    setStorage: (options) =>
      callApi('setStorage', options, ({ key, data, encrypt }) => {
        set([{ key, value: data }], encrypt === true)
        return {}
      }),
    getStorage<T, O extends GetStorageOption<T>>(options: O) {
      return callApi<{ data: T }, O>('getStorage', options, ({ key, encrypt }) => {
        const found = get(key, encrypt === true)
        if (found === undefined) throw new WxFailure('data not found')
        return { data: found.value as T }
      })
    },
    removeStorage: (options) =>
      callApi('removeStorage', options, ({ key }) => {
        remove(key)
        return {}
      }),
    clearStorage: (options) =>
      callApi('clearStorage', options, () => {
        records.clear()
        return {}
      }),
    getStorageInfo: (options) => callApi('getStorageInfo', options, () => infoOf(records)),
    batchSetStorage: (options) =>
      callApi('batchSetStorage', options, ({ kvList }) => {
        set(checkedPairs(kvList, 'parameter.kvList'))
        return {}
      }),
    batchGetStorage: (options) =>
      callApi('batchGetStorage', options, ({ keyList }) => ({
        dataList: getAll(keyList, 'parameter.keyList'),
      })),

    setStorageSync(key, data) {
      if (isKey('setStorageSync', key)) sync('setStorageSync', () => set([{ key, value: data }]))
    },
    // WeChat's library returns undefined for a key that is not a string, without an error.
    getStorageSync: <T>(key: string) =>
      (typeof key === 'string' ? sync('getStorageSync', () => getOrEmpty(key)) : undefined) as T,
    removeStorageSync(key) {
      if (isKey('removeStorageSync', key)) sync('removeStorageSync', () => remove(key))
    },
    clearStorageSync: () => records.clear(),
    getStorageInfoSync: () => infoOf(records),
    batchSetStorageSync: (pairs) => sync('batchSetStorageSync', () => set(checkedPairs(pairs, 'parameter'))),
    batchGetStorageSync: (keys) => sync('batchGetStorageSync', () => getAll(keys, 'parameter')),
  }
}

/** Sizes in KB, rounded up. (WeChat does not say how it rounds.) */
export function infoOf(records: Records): StorageInfo {
  const all = records.all()
  return {
    keys: [...all.keys()].filter((key) => !key.startsWith(RESERVED)),
    currentSize: Math.ceil(sizeOf(all) / KB),
    limitSize: MAX_TOTAL / KB,
  }
}

/** Runs a synchronous function. Failures become errors with its name; errors of JSON.stringify stay as they are. */
function sync<R>(name: string, act: () => R): R {
  try {
    return act()
  } catch (error) {
    throw error instanceof WxFailure ? new Error(`${name}:fail ${error.message}`) : error
  }
}

/** If a key is not a string, the synchronous functions only write an error to the console. */
function isKey(name: string, key: unknown): boolean {
  if (typeof key === 'string') return true
  // biome-ignore lint/suspicious/noConsole: WeChat's library does this
  console.error(failureOf(name, wrongParameter('parameter.key', 'String', key)).errMsg)
  return false
}

function checkedKey(key: unknown): string {
  if (typeof key !== 'string') throw wrongParameter('parameter.key', 'String', key)
  if (key.startsWith(RESERVED)) throw new WxFailure(`invalid key "${key}"`)
  return key
}

function checkedList<T>(list: unknown, name: string): T[] {
  if (!Array.isArray(list)) throw wrongParameter(name, 'Array', list)
  return list
}

function checkedPairs(list: unknown, name: string): KeyValue[] {
  return checkedList<unknown>(list, name).map((pair) => {
    if (typeof pair !== 'object' || pair === null) throw wrongParameter(`${name}[]`, 'Object', pair)
    return pair as KeyValue
  })
}
