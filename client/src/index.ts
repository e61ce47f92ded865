/** The mini program's side of r3session: login, requests with the session, and decryption of the user's data. */
export { createClient } from './create-client.js'
export type { Answer } from './network/answer.js'
export { type Action, R3SessionError } from './network/error.js'
export type { Container } from './network/http.js'
export type { Progress, Sending, SendingFile, SendingRequest, SendingSocket } from './network/sending.js'
export type { SocketCallbacks, SocketTask } from './network/socket.js'
export type { Time } from './network/time.js'
export type { Callbacks, Wx, WxAnswer, WxCloud, WxFailure, WxRequest, WxTransfer } from './network/wx.js'
export type { SealedData } from './session/decrypt.js'
export type { PhoneFailure, PhoneNumber } from './session/login.js'
export type {
  Client,
  ClientOptions,
  Downloaded,
  DownloadOptions,
  RequestOptions,
  SessionInfo,
  SocketOptions,
  UploadOptions,
} from './types.js'
