import { type Time, within } from '../network/time.js'
import { call, type Wx } from '../network/wx.js'

/** Milliseconds to wait for the storage. */
const STORAGE_TIMEOUT = 2000

/** An r3session: 64 bytes as lower-case hex. */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{128}$/.test(value)
}

export type TokenStorage = ReturnType<typeof createTokenStorage>

/**
 * The token in the phone's storage. It is encrypted if the base library can do that (since 2.21.3); older ones ignore
 * the option and store it as it is. Nothing here rejects: if the token can't be read, there is none; if it can't be
 * written, the next start of the mini program logs in again.
 *
 * Operations run one after the other, so that a late write does not undo a newer one. If the storage takes longer than
 * STORAGE_TIMEOUT this can fail, and the next start may have to log in.
 */
export function createTokenStorage(wx: Wx, key: string, time: Time) {
  let last: Promise<unknown> = Promise.resolve()

  function inTurn<T>(operation: () => Promise<T>): Promise<T | undefined> {
    const turn = last.then(() => within(time, STORAGE_TIMEOUT, operation())).catch(() => undefined)
    last = turn
    return turn
  }

  const readAs = (encrypt: boolean) =>
    call<{ data: unknown }>(wx, 'getStorage', { key, encrypt }).then(
      ({ data }) => (isToken(data) ? data : undefined),
      () => undefined,
    )

  // An encrypted value can be read only with `encrypt`, a plain one only without. Nothing tells which one is stored.
  const read = () => readAs(true).then((token) => token || readAs(false))

  const writeAs = (data: string, encrypt: boolean) => call(wx, 'setStorage', { key, data, encrypt })

  return {
    read: () => inTurn(read),

    write: (token: string) => inTurn(() => writeAs(token, true).catch(() => writeAs(token, false))),

    /** Removes this token. If another client has stored a newer one, it keeps that one and resolves to it. */
    discard: (token: string) =>
      inTurn(() =>
        read().then((stored) => {
          if (stored !== undefined && stored !== token) return stored
          return call(wx, 'removeStorage', { key }).then(() => undefined)
        }),
      ),

    /** Resolves when all operations so far have finished or timed out. */
    settled: () => last,
  }
}
