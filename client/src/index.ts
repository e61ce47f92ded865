/** The mini program's side of r3session: login, requests with the session, and decryption of the user's data. */
export { createClient } from './create-client.js'
export { type Action, R3SessionError } from './error.js'
export type { Time } from './time.js'
export type {
  Answer,
  Client,
  ClientOptions,
  PhoneNumber,
  RequestOptions,
  SealedData,
  SessionInfo,
} from './types.js'
export type { Callbacks, Wx, WxAnswer, WxFailure, WxRequest } from './wx.js'
