/** Options of `wx.request` without callbacks. A relative `url` goes to `baseUrl`. */
export interface RequestOptions {
  readonly url: string
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS' | 'HEAD' | 'TRACE' | 'CONNECT'
  readonly data?: string | object | ArrayBuffer
  readonly header?: Readonly<Record<string, string>>
  /** Milliseconds. */
  readonly timeout?: number
}

export interface Answer<T> {
  readonly statusCode: number
  readonly data: T
  readonly header: Readonly<Record<string, string>>
}

/** What WeChat seals; a whole `wx` result can be given. */
export interface SealedData {
  readonly encryptedData: string
  readonly iv: string
  readonly rawData?: string
  readonly signature?: string
}

export interface SessionInfo {
  readonly appid: string
  readonly openid: string
  readonly unionid?: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly expiresAt: string
}

export interface PhoneNumber {
  readonly phoneNumber: string
  readonly purePhoneNumber: string
  readonly countryCode: string
}

export interface Client {
  login(): Promise<{ expiresIn: number }>
  request<T>(options: RequestOptions): Promise<Answer<T>>
  session(): Promise<SessionInfo>
  decrypt<T = Record<string, unknown>>(sealed: SealedData): Promise<T>
  phoneNumber(code: string): Promise<PhoneNumber>
  logout(): Promise<void>
}

export interface ClientOptions {
  readonly baseUrl: string
  readonly wx: object
  readonly appid?: string
  readonly storageKey?: string
}

export class R3SessionError extends Error {
  readonly code: string = ''
  readonly action: 'relogin' | 'retry' | 'fix_request' | 'contact_operator' | 'none' = 'none'
  readonly status: number | undefined
  readonly requestId: string | undefined
}

export function createClient(_options: ClientOptions): Client {
  throw new Error('to be written')
}
