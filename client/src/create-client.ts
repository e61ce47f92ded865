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

/** Milliseconds for which a session is known to live when the service says that it does, but not how long. */
const MIN_LIFE = 60_000

/** What the service would say of a session that is known to live. */
const ALIVE: Answer<unknown> = { statusCode: 200, data: '', header: {} }

/**
 * A client for one mini program and one r3session service. One is enough for the whole mini program: make it where all
 * pages can import it. It asks nobody anything until it is used.
 *
 * Throws a TypeError for options it can't work with.
 */
export function createClient(options: ClientOptions): Client {
  const { wx, baseUrl, appid, storageKey, time, random } = checkOptions(options)
  const http = createHttp(wx, baseUrl, time)
  const storage = createTokenStorage(wx, storageKey, time)
  const sessions = createSessionManager(storage, createLogin(wx, http, appid, time, random), time)
  let ensuring: Promise<{ expiresIn: number }> | undefined

  const sessionIn = (answer: Answer<unknown>) => successOf<SessionInfo>(answer, 'openid', 'expiresAt')

  /**
   * Asks the service whether the session lives, and notes until when. A session that lives has not ended, whatever the
   * phone's clock says: where it is ahead, the session is taken to live a little.
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

  /** Sees to it that there is a session that lives. */
  async function ensure(): Promise<{ expiresIn: number }> {
    let expiresIn = 0
    const answer = await sessions.authorized((held) =>
      (secondsLeft(held) ? Promise.resolve(ALIVE) : lookUp(held)).then((answer) => {
        expiresIn = secondsLeft(held)
        return answer
      }),
    )
    if (answer.statusCode === 401) throw errorOf(answer)
    // Who asked for nothing but the login may expect to find it in the storage; requests don't wait for that.
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
