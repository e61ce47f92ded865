import type { Callbacks, Ok } from './wx.js'

/** Header names are in lower case: the fetch of browsers and of Node gives them so. */
export type Header = Record<string, string>

export interface RequestResult<T> {
  /** Parsed, where `dataType` is json and the text is JSON; else the text, or an ArrayBuffer where that was asked for. */
  data: T
  /** Any: an HTTP error is a success to `wx.request`. */
  statusCode: number
  header: Header
  /** The Set-Cookie headers; always empty in a browser, which hides them. */
  cookies: string[]
}

export interface RequestOption<T> extends Callbacks<Ok<RequestResult<T>>> {
  url: string
  /** Default GET. */
  method?: 'OPTIONS' | 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'TRACE' | 'CONNECT' | undefined
  /** Goes into the query of a GET. Otherwise a string or ArrayBuffer as it is, an object as JSON or as a form. */
  data?: string | object | ArrayBuffer | undefined
  /** Default content-type `application/json`, on GET too. Referer can't be set. */
  header?: Record<string, unknown> | undefined
  /** Milliseconds; default 60 000. */
  timeout?: number | undefined
  /** `json`, the default, parses what is JSON; anything else leaves the text alone. */
  dataType?: string | undefined
  responseType?: 'text' | 'arraybuffer' | undefined
  /** Has `onChunkReceived` listeners called. */
  enableChunked?: boolean | undefined
  /** Lets the platform keep answers; default false. */
  enableCache?: boolean | undefined
  /** `manual` gives a redirect as it is; a browser hides everything of it. */
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
  /** Ends the request, which fails with `request:fail abort`, also while it waits for its turn. */
  abort(): void
  /** Before the request is complete. */
  onHeadersReceived(listener: HeadersListener): void
  /** All of them, when none is named. */
  offHeadersReceived(listener?: HeadersListener): void
  onChunkReceived(listener: ChunkListener): void
  offChunkReceived(listener?: ChunkListener): void
}

export interface WxRequest {
  /** At most 10 at a time, the rest wait. Never a promise; a failure is a matter of transport only. */
  request<T = unknown>(options: RequestOption<T>): RequestTask
}
