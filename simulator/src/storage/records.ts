import { reasonOf, WxFailure } from '../calls/failure.js'
import { scramble, unscramble } from './scramble.js'
import type { StoredValue } from './stored-value.js'
import type { WebStorage } from './web-storage.js'

/** 1 MB, the limit for one key. */
export const MAX_VALUE = 1024 * 1024
/** 10 MB, the limit for all keys of a user in a mini program. */
export const MAX_TOTAL = 10 * 1024 * 1024
/** The factor by which encryption makes a value larger. */
const ENCRYPTED_GROWTH = 1.4

/** The value of one key. */
export interface StorageRecord {
  readonly type: string
  /** Scrambled if it is encrypted. */
  readonly text: string
  readonly encrypted: boolean
  /** The bytes that it counts for: its UTF-8 length, and more if it is encrypted. */
  readonly size: number
}

/** A record with its position. */
interface Positioned extends StorageRecord {
  /** Sorts the keys by when they were first set, because a WebStorage lists its keys in any order. */
  readonly position: number
}

/** What is known of an owner's records without reading all of them. */
interface Totals {
  /** Bytes of all records. */
  readonly size: number
  /** The highest position. */
  readonly last: number
}

/** The totals of the owners in a WebStorage, and how many keys it had, of whomever, after the last write from here. */
interface Known {
  length: number
  readonly owners: Map<string, Totals>
}

/** By WebStorage, so that all who use one in a program know the same. */
const knownOf = new WeakMap<WebStorage, Known>()

/** `type,size,position`, a mark if it is encrypted, then the text: readable in the browser's own storage panel. */
const HEAD = /^(\w*),(\d+),(\d+)(,encrypted)?;/

/**
 * The records of one user in one mini program. The WebStorage may also contain those of others, and other data. If it
 * throws, writing throws a WxFailure, and reading throws the error of the WebStorage.
 */
export function createRecords(storage: WebStorage, owner: { appid: string; user: string }) {
  // Neither part can contain a slash, so the prefix of one owner never begins with that of another.
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

  /** All records in the order in which the keys were first set, without damaged ones. */
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

  const known = knownOf.get(storage) ?? { length: 0, owners: new Map() }
  knownOf.set(storage, known)

  /**
   * The totals. They are counted anew when the number of keys shows that somebody else has written, another tab, say. To
   * count at each write would make many writes take quadratic time.
   */
  const totals = (): Totals => {
    // Also for the other owners, before `keep` notes the length that is right for this one.
    if (known.length !== storage.length) known.owners.clear()
    const old = known.owners.get(prefix)
    if (old !== undefined) return old
    const records = all()
    const last = [...records.values()].at(-1)?.position ?? 0
    return { size: sizeOf(records), last }
  }

  const keep = (totals: Totals): void => {
    known.owners.set(prefix, totals)
    known.length = storage.length
  }

  /** Undoes the writes, the last one first, so that the storage is never fuller than it was before. */
  const undo = (written: readonly string[], before: ReadonlyMap<string, Positioned>): void => {
    try {
      for (const key of [...written].reverse()) {
        const old = before.get(key)
        if (old === undefined) storage.removeItem(prefix + key)
        else put(key, old)
      }
    } catch {
      // Nothing can be written any more, so new values stay. The caller still throws the first error.
    }
  }

  return {
    find,
    all,

    /** Writes all records or none. If it throws a WxFailure, all keys have the values from before. */
    write(records: ReadonlyMap<string, StorageRecord>): void {
      for (const { size } of records.values())
        if (size > MAX_VALUE) throw new WxFailure('exceed storage max size')
      const before = new Map<string, Positioned>()
      for (const key of records.keys()) {
        const record = find(key)
        if (record !== undefined) before.set(key, record)
      }
      const added = sizeOf(records) - sizeOf(before)
      let { size, last } = totals()
      if (size + added > MAX_TOTAL) throw new WxFailure('the storage limit is 10MB')
      size += added
      const written: string[] = []
      try {
        for (const [key, record] of records) {
          put(key, { ...record, position: before.get(key)?.position ?? ++last })
          written.push(key)
        }
        keep({ size, last })
      } catch (error) {
        undo(written, before)
        known.owners.delete(prefix)
        throw new WxFailure(
          isFull(error) ? 'exceed storage max size' : `write DB data fail: ${reasonOf(error)}`,
        )
      }
    },

    remove(key: string): void {
      const { size, last } = totals()
      const removed = find(key)?.size ?? 0
      storage.removeItem(prefix + key)
      keep({ size: size - removed, last })
    },

    clear(): void {
      totals()
      for (const key of keys()) storage.removeItem(prefix + key)
      keep({ size: 0, last: 0 })
    },

    encrypt(key: string, { type, text }: StoredValue): StorageRecord {
      const size = Math.ceil(ENCRYPTED_GROWTH * bytesOf(text))
      return { type, size, encrypted: true, text: scramble(text, prefix + key) }
    },

    /** The value of an encrypted record; `undefined` if it is damaged. */
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

/**
 * The bytes of all values. Keys do not count, so that ten values of 1 MB fit into 10 MB; WeChat does not say whether it
 * counts them.
 */
export function sizeOf(records: ReadonlyMap<string, StorageRecord>): number {
  let total = 0
  for (const { size } of records.values()) total += size
  return total
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}

/**
 * Whether the WebStorage itself is full; that of a browser has 5 MB. Chrome, Firefox and Safari all have `quota` in
 * this error.
 */
function isFull(error: unknown): boolean {
  return error instanceof Error && /quota/i.test(`${error.name} ${error.message}`)
}
