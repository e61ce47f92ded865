/** The functions of `wx` that the client uses. WeChat's own `wx` fits, and so does any object that behaves like it. */
export interface Wx {
  login(options: Callbacks<{ code: string }> & { timeout?: number }): unknown
  request(options: WxRequest & Callbacks<WxAnswer>): unknown
  getStorage(options: Callbacks<{ data: unknown }> & { key: string; encrypt?: boolean }): unknown
  setStorage(options: Callbacks<object> & { key: string; data: string; encrypt?: boolean }): unknown
  removeStorage(options: Callbacks<object> & { key: string }): unknown
  /** This and the following are needed only by the client's calls of the same names. */
  uploadFile?(
    options: WxTransfer & { filePath: string; name: string } & Callbacks<{
        statusCode: number
        data: string
      }>,
  ): unknown
  downloadFile?(options: WxTransfer & Callbacks<{ statusCode: number }>): unknown
  connectSocket?(options: WxTransfer & { fail?(failure: WxFailure): void }): unknown
  /** Needed only by the client's option `container`. */
  readonly cloud?: WxCloud
}

/** `wx.cloud`, or a `wx.cloud.Cloud` of another account. It must have been initialized. */
export interface WxCloud {
  callContainer(
    options: Omit<WxRequest, 'url'> & { path: string; config?: { env: string } } & Callbacks<WxAnswer>,
  ): unknown
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

export interface WxTransfer {
  url: string
  header?: Record<string, string>
  timeout?: number
}

export interface WxRequest extends WxTransfer {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS' | 'HEAD' | 'TRACE' | 'CONNECT'
  data?: string | object | ArrayBuffer
}

export interface WxAnswer {
  statusCode: number
  data: unknown
  header: object
}

/**
 * Calls a function of `wx` and gives a promise. Rejects with the argument of `fail`, or with what the function threw.
 * WeChat's own promises are not used: `wx.request` has none, and libraries before 2.10.2 have none at all.
 *
 * @param started gets what the function returned
 */
export function call<T = object>(
  api: object,
  name: keyof Wx | keyof WxCloud,
  options: object,
  started?: (task: object) => void,
): Promise<T> {
  return new Promise((success, fail) => {
    const functions = api as Record<typeof name, (options: object) => unknown>
    const returned = functions[name](assign({}, options, { success, fail }))
    // The wrappers of Taro and uni-app call back and also return a promise. Its rejection must not be reported as
    // unhandled. An async wrapper may reject without calling `fail`; then the rejection is the only sign of failure.
    if (returned instanceof Promise) returned.catch(fail)
    if (started) started(fieldsOf(returned))
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
