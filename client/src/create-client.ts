import { errorOf, successOf } from './answer.js'
import { createDecrypt } from './decrypt.js'
import { invalidRequest } from './error.js'
import { bearer, createHttp } from './http.js'
import { createLogin } from './login.js'
import { checkOptions } from './options.js'
import { createSessionManager, type HeldToken } from './session-manager.js'
import { createTokenStorage } from './token-storage.js'
import type { Answer, Client, ClientOptions, PhoneNumber, RequestOptions, SessionInfo } from './types.js'
import { assign, fieldsOf, type WxRequest } from './wx.js'

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
  const { wx, baseUrl, appid, storageKey, time, random } = checkOptions(options)
  const http = createHttp(wx, baseUrl, time)
  const storage = createTokenStorage(wx, storageKey, time)
  const sessions = createSessionManager(storage, createLogin(wx, http, appid, time, random), time)
  let ensuring: Promise<{ expiresIn: number }> | undefined

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

  /** Makes sure that there is a valid session. */
  async function ensure(): Promise<{ expiresIn: number }> {
    let expiresIn = 0
    const answer = await sessions.authorized((held) =>
      (secondsLeft(held) ? Promise.resolve(ALIVE) : lookUp(held)).then((answer) => {
        expiresIn = secondsLeft(held)
        return answer
      }),
    )
    if (answer.statusCode === 401) throw errorOf(answer)
    // After `login()` the token is expected to be in the storage. Requests don't wait for that.
    await storage.settled()
    return { expiresIn }
  }

  const refusal = (reason: string) => Promise.reject(invalidRequest(reason))

  return {
    login() {
      const over = () => {
        ensuring = undefined
      }
      if (!ensuring) {
        ensuring = ensure()
        ensuring.then(over, over)
      }
      return ensuring
    },

    request<T>(given: RequestOptions) {
      if (typeof fieldsOf(given)['url'] !== 'string') return refusal('request needs a url')
      const request: WxRequest & { complete?: unknown } = assign({}, given as WxRequest)
      delete request.complete
      return sessions
        .authorized(({ token }) => http.forward(request, token))
        .then((answer) => {
          successOf(answer)
          return answer as Answer<T>
        })
    },

    session: () => sessions.authorized(lookUp).then(sessionIn),

    decrypt: createDecrypt(http, sessions),

    phoneNumber(code) {
      if (typeof code !== 'string' || code === '') return refusal('no code: the user refused')
      return sessions
        .authorized(({ token }) => http.ask('POST', '/v1/phone-number', bearer(token), { code }))
        .then((answer) => successOf<PhoneNumber>(answer, 'phoneNumber'))
    },

    logout: () =>
      sessions.end(({ token }) =>
        http.ask('DELETE', '/v1/session', bearer(token)).then((answer) => {
          if (answer.statusCode !== 401) successOf(answer)
        }),
      ),
  }
}
