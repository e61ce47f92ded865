import { createDecrypt } from './decrypt.js'
import { invalidRequest } from './error.js'
import { createHttp, withToken } from './http.js'
import { createKeeper, type Held } from './keeper.js'
import { createLogin } from './login.js'
import { checkOptions } from './options.js'
import { createTokenStorage } from './token-storage.js'
import type { Answer, Client, ClientOptions, PhoneNumber, SessionInfo } from './types.js'
import type { WxRequest } from './wx.js'

/**
 * A client for one mini program and one r3session service. One is enough for the whole mini program: make it where all
 * pages can import it. It asks nobody anything until it is used.
 *
 * Throws a TypeError for options it can't work with.
 */
export function createClient(options: ClientOptions): Client {
  const { wx, baseUrl, appid, storageKey, time, random } = checkOptions(options)
  const http = createHttp({ wx, baseUrl, time })
  const storage = createTokenStorage({ wx, key: storageKey, time })
  const keeper = createKeeper({ storage, logIn: createLogin({ wx, http, appid, time, random }), time })
  let ensuring: Promise<number> | undefined

  /** Seconds that a session is known to live, or 0. */
  function remaining({ livesUntil }: Held): number {
    return Math.max(0, Math.ceil(((livesUntil ?? 0) - time.now()) / 1000))
  }

  async function lookUp(held: Held): Promise<Answer<unknown>> {
    const answer = await http.ask('GET', '/v1/session', { token: held.token })
    if (answer.statusCode === 200) held.livesUntil = Date.parse(sessionIn(answer).expiresAt) || 0
    return answer
  }

  function sessionIn(answer: Answer<unknown>): SessionInfo {
    return http.success<SessionInfo>(answer, 'openid', 'expiresAt')
  }

  /** Sees to it that there is a session that lives; gives the seconds it has left. */
  async function ensure(): Promise<number> {
    let left = 0
    const answer = await keeper.authorized(async (held) => {
      const asked = remaining(held) > 0 ? undefined : await lookUp(held)
      left = remaining(held)
      return asked ?? { statusCode: 200 }
    })
    if ('data' in answer) sessionIn(answer)
    // Who asked for nothing but the login may expect to find it in the storage; requests don't wait for that.
    await storage.settled()
    return left
  }

  return {
    async login() {
      const done = () => {
        ensuring = undefined
      }
      if (ensuring === undefined) {
        ensuring = ensure()
        ensuring.then(done, done)
      }
      return { expiresIn: await ensuring }
    },

    async request<T>(given: Parameters<Client['request']>[0]) {
      if (typeof given?.url !== 'string') throw invalidRequest('request needs a url')
      const request: WxRequest & { complete?: unknown } = { ...given, header: {} }
      delete request.complete
      const answer = await keeper.authorized(({ token }) =>
        http.forward({ ...request, header: withToken(given.header, token) }),
      )
      http.success(answer)
      return answer as Answer<T>
    },

    async session() {
      return sessionIn(await keeper.authorized(lookUp))
    },

    decrypt: createDecrypt({ http, keeper }),

    async phoneNumber(code) {
      if (typeof code !== 'string' || code === '')
        throw invalidRequest('there is no code: the user did not share the phone number')
      const answer = await keeper.authorized(({ token }) =>
        http.ask('POST', '/v1/phone-number', { token, data: { code } }),
      )
      return http.success<PhoneNumber>(answer, 'phoneNumber')
    },

    async logout() {
      const held = await keeper.current()
      if (held === undefined) return
      const answer = await http.ask('DELETE', '/v1/session', { token: held.token })
      if (answer.statusCode !== 401) http.success(answer)
      await keeper.forget(held)
    },
  }
}
