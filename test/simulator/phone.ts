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

/** Where nobody listens: for functions that ask nobody. */
export const NOWHERE = 'http://127.0.0.1:9'

/** A `wx` that needs no server, unless it is told of one. */
export function phone(options: Partial<WxOptions> = {}): Wx {
  return createWx({ appid: APPID, weixin: NOWHERE, ...options })
}

/** What is called back: `success` or `fail`, with what. Goes by callbacks, as old mini programs do. */
export function calledBack<R>(
  call: (callbacks: { success(result: R): void; fail(failure: Failure): void }) => unknown,
): Promise<{ by: 'success' | 'fail'; answer: R & Failure }> {
  return new Promise((resolve) => {
    const by = (kind: 'success' | 'fail') => (answer: unknown) =>
      resolve({ by: kind, answer: answer as R & Failure })
    call({ success: by('success'), fail: by('fail') })
  })
}

/** The answer to a request, of whichever callback. */
export async function requested(
  wx: Wx,
  options: RequestOption<unknown>,
): Promise<RequestResult<unknown> & Failure> {
  const { answer } = await calledBack<RequestResult<unknown>>((callbacks) =>
    wx.request({ ...options, ...callbacks }),
  )
  return answer
}

/** What a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const outcome = await promise.then(
    () => undefined,
    (failure: Failure) => failure,
  )
  if (outcome === undefined) throw new Error('it did not fail')
  return outcome
}

/** What a synchronous call throws. */
export function thrownBy(call: () => unknown): Error {
  try {
    call()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('it threw no error')
}

/** The next error that nobody catches. */
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

/** A WebStorage such as a browser's, whose next writes can be made to fail. */
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
