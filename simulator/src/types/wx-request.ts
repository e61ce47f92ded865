import type { Callbacks, Ok } from './wx.js'

/** Header names are in lower case, as fetch gives them in browsers and in Node. */
export type Header = Record<string, string>

export interface RequestResult<T> {
  /**
   * The parsed value if `dataType` is json and the text is JSON; otherwise the text, or an ArrayBuffer if requested.
   */
  data: T
  /** Any status: `wx.request` calls `success` for HTTP errors, too. */
  statusCode: number
  header: Header
  /** The Set-Cookie headers. Always empty in a browser, which hides them. */
  cookies: string[]
}

export interface RequestOption<T> extends Callbacks<Ok<RequestResult<T>>> {
  url: string
  /** Default GET. */
  method?: 'OPTIONS' | 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'TRACE' | 'CONNECT' | undefined
  /**
   * For a GET an object is added to the query. Otherwise: a string or ArrayBuffer as it is, an object as JSON or form.
   */
  data?: string | object | ArrayBuffer | undefined
  /** The default content-type is `application/json`, also for GET. Referer can't be set. */
  header?: Record<string, unknown> | undefined
  /** Milliseconds; default 60 000. */
  timeout?: number | undefined
  /** `json`, the default: parse the text if it is JSON. Any other value: leave the text as it is. */
  dataType?: string | undefined
  responseType?: 'text' | 'arraybuffer' | undefined
  /** Calls the `onChunkReceived` listeners. */
  enableChunked?: boolean | undefined
  /** Allows answers from a cache; default false. */
  enableCache?: boolean | undefined
  /** `manual`: do not follow redirects, but give the redirect itself. A browser hides its content. */
  redirect?: 'follow' | 'manual' | undefined
}

export interface HeadersReceived {
  header: Header
  statusCode: number
  cookies: string[]
}

export type HeadersListener = (result: HeadersReceived) => void
export type ChunkListener = (result: { data: ArrayBuffer }) => void

export interface RequestTask {
  /** Aborts the request, which fails with `request:fail abort`. Works also while the request is still queued. */
  abort(): void
  /** The listener is called before the request is complete. */
  onHeadersReceived(listener: HeadersListener): void
  /** Removes the listener, or all of them if none is given. */
  offHeadersReceived(listener?: HeadersListener): void
  onChunkReceived(listener: ChunkListener): void
  offChunkReceived(listener?: ChunkListener): void
}

export interface WxRequest {
  /** At most 10 requests run at a time; the rest are queued. Never gives a promise. Fails only if no answer came. */
  request<T = unknown>(options: RequestOption<T>): RequestTask
}
