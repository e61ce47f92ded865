/** What is needed of `wx`: WeChat's own fits, and so does anything that behaves like it. */
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

/** What `fail` gets. `errno` came with newer libraries. */
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
 * A function of `wx` as a promise. Rejects with what `fail` got, or with what the function threw. WeChat's own promises
 * are not used: `wx.request` has none, nor have libraries before 2.10.2.
 */
export function call<K extends keyof Wx>(
  wx: Wx,
  name: K,
  options: Omit<Options<K>, keyof Callbacks<unknown>>,
): Promise<Parameters<Options<K>['success']>[0]> {
  return new Promise((success, fail) => {
    const returned = wx[name](assign({}, options, { success, fail }) as never)
    // The wrappers of Taro and uni-app return a promise beside calling back. One that fails is not to be reported as
    // unhandled; and one that is all there is of the failure, from an async wrapper, is not to be waited for in vain.
    if (returned instanceof Promise) returned.catch(fail)
  })
}

/** Under a name of one letter, once the file is minified; spreads would be compiled to the long one every time. */
export const { assign } = Object

/** What went wrong in `wx`, in WeChat's words. */
export function reasonOf(failure: unknown): string {
  const { errMsg } = fieldsOf(failure)
  return typeof errMsg === 'string' ? errMsg : String(failure)
}

/** The fields of anything; of what is no object, none. */
export function fieldsOf(value: unknown): Partial<Record<string, unknown>> {
  return Object(value) === value ? (value as Record<string, unknown>) : {}
}
