import { reasonOf, WxFailure } from '../calls/failure.js'
import { scramble, unscramble } from './scramble.js'
import type { StoredValue } from './stored-value.js'
import type { WebStorage } from './web-storage.js'

/** 1 MB, the most that one key may hold. */
export const MAX_VALUE = 1024 * 1024
/** 10 MB, the most that all keys of a user in a mini program may hold. */
export const MAX_TOTAL = 10 * 1024 * 1024
/** By so much encryption makes a value larger. */
const ENCRYPTED_GROWTH = 1.4

/** What one key holds. */
export interface StorageRecord {
  readonly type: string
  /** Scrambled, where it is encrypted. */
  readonly text: string
  readonly encrypted: boolean
  /** Bytes it counts for; UTF-8, and more when encrypted. */
  readonly size: number
}

/** A record in its position. */
interface Positioned extends StorageRecord {
  /** Keys are listed by it, in the order in which they came. A WebStorage lists its own in any order. */
  readonly position: number
}

/** `type,size,position` and a mark for encryption; then comes the text. Readable in the browser's own storage panel. */
const HEAD = /^(\w*),(\d+),(\d+)(,encrypted)?;/

/**
 * The records of one user in one mini program, in a WebStorage that may hold those of others, and anything else.
 * Where the WebStorage fails, these fail: writing with a WxFailure, reading with its own error.
 */
export function createRecords(storage: WebStorage, owner: { appid: string; user: string }) {
  // Neither part can hold the slash after it, so no two owners' prefixes overlap.
  const prefix = `wx-storage/${encodeURIComponent(owner.appid)}/${encodeURIComponent(owner.user)}/`

  const find = (key: string): Positioned | undefined => {
    const item = storage.getItem(prefix + key) ?? ''
    const [head = '', type, size, position, mark] = HEAD.exec(item) ?? []
    if (type === undefined) return undefined
    const text = item.slice(head.length)
    return { type, size: Number(size), position: Number(position), encrypted: mark !== undefined, text }
  }

  const keys = (): string[] =>
    Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '')
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length))

  /** In the order in which the keys came, without those that are damaged. */
  const all = (): Map<string, Positioned> => {
    const records: [string, Positioned][] = []
    for (const key of keys()) {
      const record = find(key)
      if (record !== undefined) records.push([key, record])
    }
    return new Map(records.sort(([, one], [, other]) => one.position - other.position))
  }

  const put = (key: string, { type, size, position, encrypted, text }: Positioned): void => {
    storage.setItem(prefix + key, `${type},${size},${position}${encrypted ? ',encrypted' : ''};${text}`)
  }

  /** Undoes what was written, the last first: so each step leads back to what has fitted before. */
  const undo = (written: readonly string[], before: ReadonlyMap<string, Positioned>): void => {
    try {
      for (const key of [...written].reverse()) {
        const old = before.get(key)
        if (old === undefined) storage.removeItem(prefix + key)
        else put(key, old)
      }
    } catch {
      // Nothing can be written any more; what is new stays. Why the writing failed is told all the same.
    }
  }

  return {
    find,
    all,

    /** All of them or, with a WxFailure, none: what the keys held before is there as before. */
    write(records: ReadonlyMap<string, StorageRecord>): void {
      for (const { size } of records.values())
        if (size > MAX_VALUE) throw new WxFailure('exceed storage max size')
      const before = new Map<string, Positioned>()
      let total = sizeOf(records)
      let last = 0
      for (const key of keys()) {
        const record = find(key)
        if (record === undefined) continue
        last = Math.max(last, record.position)
        if (records.has(key)) before.set(key, record)
        else total += record.size
      }
      if (total > MAX_TOTAL) throw new WxFailure('the storage limit is 10MB')
      const written: string[] = []
      try {
        for (const [key, record] of records) {
          put(key, { ...record, position: before.get(key)?.position ?? ++last })
          written.push(key)
        }
      } catch (error) {
        undo(written, before)
        throw new WxFailure(
          isFull(error) ? 'exceed storage max size' : `write DB data fail: ${reasonOf(error)}`,
        )
      }
    },

    remove(key: string): void {
      storage.removeItem(prefix + key)
    },

    clear(): void {
      for (const key of keys()) storage.removeItem(prefix + key)
    },

    encrypt(key: string, { type, text }: StoredValue): StorageRecord {
      const size = Math.ceil(ENCRYPTED_GROWTH * bytesOf(text))
      return { type, size, encrypted: true, text: scramble(text, prefix + key) }
    },

    /** The value of an encrypted record; `undefined` when it is damaged. */
    decrypt(key: string, { type, text }: StorageRecord): StoredValue | undefined {
      const plain = unscramble(text, prefix + key)
      return plain === undefined ? undefined : { type, text: plain }
    },
  }
}

export type Records = ReturnType<typeof createRecords>

export function plainRecord({ type, text }: StoredValue): StorageRecord {
  return { type, text, encrypted: false, size: bytesOf(text) }
}

/** Bytes of the values. Whether WeChat counts keys it does not tell; ten values of 1 MB are to fit into 10 MB. */
export function sizeOf(records: ReadonlyMap<string, StorageRecord>): number {
  let total = 0
  for (const { size } of records.values()) total += size
  return total
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}

/** Whether the WebStorage itself, a browser's with its 5 MB say, has no more room. Names as Chrome, Firefox and Safari give them. */
function isFull(error: unknown): boolean {
  return error instanceof Error && /quota/i.test(`${error.name} ${error.message}`)
}
