import { type Time, within } from './time.js'
import { call, type Wx } from './wx.js'

/** Milliseconds after which storage that does not answer is given up. */
const STORAGE_TIMEOUT = 2000

/** An r3session: 64 bytes as lower-case hex. */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{128}$/.test(value)
}

export type TokenStorage = ReturnType<typeof createTokenStorage>

/**
 * The token in the phone's storage, encrypted where the base library can (2.21.3); older ones don't know the option and
 * store it plain. Nothing here rejects: what can't be read is no token, what can't be written is lost when the mini
 * program ends, and the next start logs in again.
 *
 * Operations run one after the other, so that a late write does not undo what came after it, unless the storage takes
 * longer than it is waited for; then the next start may have to log in.
 */
export function createTokenStorage(wx: Wx, key: string, time: Time) {
  let last: Promise<unknown> = Promise.resolve()

  function inTurn<T>(operation: () => Promise<T>): Promise<T | undefined> {
    const turn = last.then(() => within(time, STORAGE_TIMEOUT, operation())).catch(() => undefined)
    last = turn
    return turn
  }

  const readAs = (encrypt: boolean) =>
    call(wx, 'getStorage', { key, encrypt }).then(
      ({ data }) => (isToken(data) ? data : undefined),
      () => undefined,
    )

  // An encrypted value reads back only as such, a plain one only as plain, and there is no telling which it is.
  const read = () => readAs(true).then((token) => token || readAs(false))

  const writeAs = (data: string, encrypt: boolean) => call(wx, 'setStorage', { key, data, encrypt })

  return {
    read: () => inTurn(read),

    write: (token: string) => inTurn(() => writeAs(token, true).catch(() => writeAs(token, false))),

    /** Removes this token. Gives the other one that is stored instead, where another client has logged in meanwhile. */
    discard: (token: string) =>
      inTurn(() =>
        read().then((stored) => {
          if (stored !== undefined && stored !== token) return stored
          return call(wx, 'removeStorage', { key }).then(() => undefined)
        }),
      ),

    /** Resolves when all that was begun is done, or given up. */
    settled: () => last,
  }
}
