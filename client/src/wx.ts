/** The functions of `wx` that the client uses. WeChat's own `wx` fits, and so does any object that behaves like it. */
export interface Wx {
  login(options: Callbacks<{ code: string }> & { timeout?: number }): unknown
  request(options: WxRequest & Callbacks<WxAnswer>): unknown
  getStorage(options: Callbacks<{ data: unknown }> & { key: string; encrypt?: boolean }): unknown
  setStorage(options: Callbacks<object> & { key: string; data: string; encrypt?: boolean }): unknown
  removeStorage(options: Callbacks<object> & { key: string }): unknown
}

export interface Callbacks<T> {
  success(result: T): void
  fail(failure: WxFailure): void
}

/** The argument of `fail`. Only newer libraries set `errno`. */
export interface WxFailure {
  errMsg?: string
  errno?: number
}

export interface WxRequest {
  url: string
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS' | 'HEAD' | 'TRACE' | 'CONNECT'
  data?: string | object | ArrayBuffer
  header?: Record<string, string>
  timeout?: number
}

export interface WxAnswer {
  statusCode: number
  data: unknown
  header: object
}

type Options<K extends keyof Wx> = Parameters<Wx[K]>[0]

/**
 * Calls a function of `wx` and gives a promise. Rejects with the argument of `fail`, or with what the function threw.
 * WeChat's own promises are not used: `wx.request` has none, and libraries before 2.10.2 have none at all.
 */
export function call<K extends keyof Wx>(
  wx: Wx,
  name: K,
  options: Omit<Options<K>, keyof Callbacks<unknown>>,
): Promise<Parameters<Options<K>['success']>[0]> {
  return new Promise((success, fail) => {
    const returned = wx[name](assign({}, options, { success, fail }) as never)
    // The wrappers of Taro and uni-app call back and also return a promise. Its rejection must not be reported as
    // unhandled. An async wrapper may reject without calling `fail`; then the rejection is the only sign of failure.
    if (returned instanceof Promise) returned.catch(fail)
  })
}

/** The minifier shortens this name to one letter. Object spread would be compiled to the long name every time. */
export const { assign } = Object

/** The reason for a failure, in WeChat's words. */
export function reasonOf(failure: unknown): string {
  const { errMsg } = fieldsOf(failure)
  return typeof errMsg === 'string' ? errMsg : String(failure)
}

/** The fields of a value; an empty object if it is not an object. */
export function fieldsOf(value: unknown): Partial<Record<string, unknown>> {
  return Object(value) === value ? (value as Record<string, unknown>) : {}
}
