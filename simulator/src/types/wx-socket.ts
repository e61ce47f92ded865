import type { Callbacks, Ok } from './wx.js'

export interface ConnectSocketOption extends Callbacks<Ok> {
  url: string
  header?: Record<string, unknown> | undefined
  protocols?: string[] | undefined
  /** Milliseconds until it must be open; default 60 000. */
  timeout?: number | undefined
}

export interface SocketSendOption extends Callbacks<Ok> {
  data: string | ArrayBuffer
}

export interface SocketCloseOption extends Callbacks<Ok> {
  /** 1000, or 3000 to 4999. */
  code?: number | undefined
  reason?: string | undefined
}

export interface SocketOpened {
  /** Always empty: no WebSocket tells the headers of the answer. */
  header: Record<string, string>
  profile: never
}

export interface SocketMessage {
  data: string | ArrayBuffer
}

export interface SocketClosed {
  code: number
  reason: string
}

export interface SocketTask {
  send(options: SocketSendOption): void
  close(options?: SocketCloseOption): void
  onOpen(listener: (result: SocketOpened) => void): void
  onMessage(listener: (result: SocketMessage) => void): void
  onClose(listener: (result: SocketClosed) => void): void
  onError(listener: (result: { errMsg: string }) => void): void
}

export interface WxSocket {
  /** At most 5 at a time. `success` says that it is being opened; the task tells when it is open. Never gives a promise. */
  connectSocket(options: ConnectSocketOption): SocketTask
}

/** The functions of a WebSocket that the simulator uses; that of browsers, of Node and of the package `ws` have them. */
export interface WebSocketLike {
  binaryType: string
  readonly readyState: number
  send(data: string | ArrayBuffer): void
  close(code?: number, reason?: string): void
  addEventListener(type: string, listener: (event: never) => void): void
}

/** Opens a WebSocket. */
export type OpenWebSocket = (
  url: string,
  protocols: string[],
  headers: Record<string, string>,
) => WebSocketLike
