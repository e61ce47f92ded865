import {
  createWx,
  type Failure,
  type RequestOption,
  type RequestResult,
  type WebStorage,
  type Wx,
  type WxOptions,
} from '@r3session/wx-simulator'

export const APPID = 'wxd3300000000000d3'

/** An address without a server, for functions that send nothing. */
export const NOWHERE = 'http://127.0.0.1:9'

/** Creates a `wx`, without a server unless the options name one. */
export function phone(options: Partial<WxOptions> = {}): Wx {
  return createWx({ appid: APPID, weixin: NOWHERE, ...options })
}

/** Tells which callback was called, `success` or `fail`, and its argument. Uses callbacks, like old mini programs. */
export function calledBack<R>(
  call: (callbacks: { success(result: R): void; fail(failure: Failure): void }) => unknown,
): Promise<{ by: 'success' | 'fail'; answer: R & Failure }> {
  return new Promise((resolve) => {
    const by = (kind: 'success' | 'fail') => (answer: unknown) =>
      resolve({ by: kind, answer: answer as R & Failure })
    call({ success: by('success'), fail: by('fail') })
  })
}

/** The argument of `success` or `fail` of a request. */
export async function requested(
  wx: Wx,
  options: RequestOption<unknown>,
): Promise<RequestResult<unknown> & Failure> {
  const { answer } = await calledBack<RequestResult<unknown>>((callbacks) =>
    wx.request({ ...options, ...callbacks }),
  )
  return answer
}

/** The failure that the promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const outcome = await promise.then(
    () => undefined,
    (failure: Failure) => failure,
  )
  if (outcome === undefined) throw new Error('it did not fail')
  return outcome
}

/** The error that a synchronous call throws. */
export function thrownBy(call: () => unknown): Error {
  try {
    call()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('it threw no error')
}

/** The next uncaught error. */
export function nextUncaught(): Promise<unknown> {
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  return new Promise((resolve) => {
    process.once('uncaughtException', (error) => {
      for (const listener of others) process.on('uncaughtException', listener)
      resolve(error)
    })
  })
}

/** A WebStorage like that of a browser. Its next writes can be made to fail. */
export function webStorage() {
  const items = new Map<string, string>()
  const broken = { after: Infinity, error: new Error('unused') }
  const storage: WebStorage = {
    get length() {
      return items.size
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (key) => items.get(key) ?? null,
    setItem(key, value) {
      broken.after -= 1
      if (broken.after === -1) throw broken.error
      items.set(key, value)
    },
    removeItem: (key) => void items.delete(key),
  }
  return { storage, items, broken }
}
