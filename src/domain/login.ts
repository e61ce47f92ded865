import type { Clock, SessionRepository, WechatGateway } from './ports.js'
import { beginSession, type Lifetime } from './session.js'

/**
 * Trades a login code of `wx.login` for an r3session.
 *
 * `expiresIn` is in seconds. Fails with what WechatGateway and SessionRepository fail with; a login that could not be
 * recorded hands out no token.
 */
export function createLogin(deps: {
  wechat: WechatGateway
  sessions: SessionRepository
  lifetime: Lifetime
  clock: Clock
  /** A fresh r3session: 64 random bytes as 128 lower-case hex digits. */
  newToken: () => string
  /** A fresh public session id: 16 random bytes as 32 lower-case hex digits. */
  newId: () => string
}) {
  return async (appid: string, code: string): Promise<{ r3session: string; expiresIn: number }> => {
    const { sessionKey, ...identity } = await deps.wechat.exchangeCode(appid, code)
    const now = deps.clock()
    const session = beginSession({ appid, ...identity }, deps.newId(), deps.lifetime, now)
    const token = deps.newToken()
    await deps.sessions.save({ token, session, sessionKey })
    return { r3session: token, expiresIn: Math.floor((session.expiresAt - now) / 1000) }
  }
}

export type Login = ReturnType<typeof createLogin>
