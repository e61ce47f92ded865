import { createGuard } from './guard.js'
import { type Answer, errorOf, successOf } from './network/answer.js'
import { invalidRequest, type R3SessionError } from './network/error.js'
import { bearer, createHttp, type Transfer } from './network/http.js'
import { startSending } from './network/sending.js'
import { connectSocket } from './network/socket.js'
import { assign, type WxTransfer } from './network/wx.js'
import { checkOptions } from './options.js'
import { createDecrypt } from './session/decrypt.js'
import { createLogin, type PhoneFailure, type PhoneNumber, type PhoneWish } from './session/login.js'
import { createSessionManager, type HeldToken } from './session/session-manager.js'
import { createTokenStorage } from './session/token-storage.js'
import type { Client, ClientOptions, SessionInfo } from './types.js'

/** Milliseconds that a session is assumed to stay valid when the service confirms it but the end time can't be used. */
const MIN_LIFE = 60_000

/** Stands for the service's answer when the session is already known to be valid. */
const ALIVE: Answer<unknown> = { statusCode: 200, data: '', header: {} }

/**
 * Creates a client for one mini program and one r3session service. A mini program needs only one: create it in a module
 * that all pages import. It sends nothing until it is used.
 *
 * Throws a TypeError for invalid options.
 */
export function createClient(options: ClientOptions): Client {
  const { wx, baseUrl, appid, storageKey, container, time, random } = checkOptions(options)
  const http = createHttp(wx, baseUrl, time, container)
  const storage = createTokenStorage(wx, storageKey, time)
  const sessions = createSessionManager(storage, createLogin(wx, http, appid, time, random), time)
  let ensuring: Promise<HeldToken> | undefined

  const sessionIn = (answer: Answer<unknown>) => successOf<SessionInfo>(answer, 'openid', 'expiresAt')

  /**
   * Asks the service whether the session is valid, and saves when it ends. If the phone's clock is ahead, a valid
   * session can seem to have ended already; then it is assumed to be valid for MIN_LIFE.
   */
  const lookUp = (held: HeldToken) =>
    http.ask('GET', '/v1/session', bearer(held.token)).then((answer) => {
      if (answer.statusCode !== 401) {
        const ends = Date.parse(sessionIn(answer).expiresAt)
        held.ends = ends > time.now() ? ends : Math.max(held.ends, time.now() + MIN_LIFE)
      }
      return answer
    })

  const secondsLeft = ({ ends }: HeldToken) => Math.max(0, Math.ceil((ends - time.now()) / 1000)) || 0

  /** The token of a session that is valid. */
  function findSession(wish?: PhoneWish): Promise<HeldToken> {
    let found: HeldToken
    const look = (held: HeldToken) => {
      found = held
      return secondsLeft(held) ? Promise.resolve(ALIVE) : lookUp(held)
    }
    return sessions.authorized(look, wish).then((answer) => {
      if (answer.statusCode === 401) throw errorOf(answer)
      // After `login()` the token is expected to be in the storage. Requests don't wait for that.
      return storage.settled().then(() => found)
    })
  }

  /** The same, once for all who ask at the same time. */
  function ensure(wish?: PhoneWish): Promise<HeldToken> {
    const over = () => {
      ensuring = undefined
    }
    if (!ensuring) {
      ensuring = findSession(wish)
      ensuring.then(over, over)
    }
    return ensuring
  }

  const phoneNumber = (code: string) =>
    sessions
      .authorized(({ token }) => http.ask('POST', '/v1/phone-number', bearer(token), { code }))
      .then((answer) => successOf<PhoneNumber>(answer, 'phoneNumber'))

  function login({ phoneCode }: PhoneWish = {}): Promise<{ expiresIn: number }> {
    const wish: PhoneWish = { phoneCode }
    return ensure(wish).then((held) => {
      const expiresIn = secondsLeft(held)
      if (!phoneCode) return { expiresIn }
      // If there was a session, or another call's login was joined, the code is still to be exchanged.
      const asked: Promise<PhoneNumber | PhoneFailure> = wish.phone
        ? Promise.resolve(wish.phone)
        : phoneNumber(phoneCode).catch(({ code, action }: R3SessionError) => ({ code, action }))
      return asked.then((phone) => ({ expiresIn, phone }))
    })
  }

  /** Sends what the mini program asks for. Callbacks among the options are left out. */
  const sending =
    (name: Transfer | 'connectSocket', ...needed: string[]) =>
    (given: object) =>
      startSending<never, never>((control) => {
        const request = assign({}, given) as WxTransfer & Record<string, unknown>
        for (const field of ['url', ...needed])
          if (typeof request[field] !== 'string') throw invalidRequest(`${name} needs ${field}`)
        delete request['success']
        delete request['complete']
        const send =
          name === 'connectSocket'
            ? ({ token }: HeldToken) => connectSocket(wx, http, time, request, token, control)
            : ({ token }: HeldToken) => http.forward(name, request, token, control)
        return sessions.authorized(send).then((answer) => {
          const body = successOf(answer)
          return (name === 'connectSocket' ? body : answer) as never
        })
      })

  return {
    login,

    ready: sessions.ready,

    onChange: sessions.onChange,

    authHeader: () => ensure().then(({ token }) => bearer(token)),

    guard: createGuard(login),

    request: sending('request'),

    uploadFile: sending('uploadFile', 'filePath', 'name'),

    downloadFile: sending('downloadFile'),

    connectSocket: sending('connectSocket'),

    session: () => sessions.authorized(lookUp).then(sessionIn),

    decrypt: createDecrypt(http, sessions),

    phoneNumber: (code) =>
      typeof code === 'string' && code
        ? phoneNumber(code)
        : Promise.reject(invalidRequest('no code: the user refused')),

    logout: () =>
      sessions.end(({ token }) =>
        http.ask('DELETE', '/v1/session', bearer(token)).then((answer) => {
          if (answer.statusCode !== 401) successOf(answer)
        }),
      ),
  }
}
