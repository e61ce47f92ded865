import type { AccessTokens } from './access-token.js'
import type { Authenticate } from './authenticate.js'
import { R3SessionError } from './errors.js'
import type { Clock, SessionRepository, WechatGateway } from './ports.js'

/**
 * What the user's newest session_key is worth at WeChat. `check` asks, `reset` has it replaced; what they find out
 * goes into the user's ring.
 *
 * Both fail with `invalid_session` and what WechatGateway fails with; `reset` also with `invalid_session` when WeChat
 * no longer honours the key, since only a new login brings another one.
 */
export function createSessionKey(deps: {
  authenticate: Authenticate
  sessions: SessionRepository
  wechat: Pick<WechatGateway, 'honoursKey' | 'resetKey'>
  accessTokens: Pick<AccessTokens, 'use'>
  clock: Clock
}) {
  async function newestKey(token: string) {
    const session = await deps.authenticate(token)
    const [newest] = await deps.sessions.keys(session)
    // A newest key that is marked as replaced is one that WeChat was found not to honour any more.
    return { session, key: newest?.replacedAt === undefined ? newest?.key : undefined }
  }

  return {
    /** Whether WeChat still honours the newest key we have. */
    async check(token: string): Promise<boolean> {
      const { session, key } = await newestKey(token)
      if (key === undefined) return false
      const valid = await deps.accessTokens.use(session.appid, (accessToken) =>
        deps.wechat.honoursKey(accessToken, session.openid, key),
      )
      if (!valid) await deps.sessions.replaceKey(session, { replaces: key, now: deps.clock() })
      return valid
    },

    /** Has WeChat replace the key. */
    async reset(token: string): Promise<void> {
      const { session, key } = await newestKey(token)
      if (key === undefined) throw new R3SessionError('invalid_session')
      const sessionKey = await deps.accessTokens.use(session.appid, (accessToken) =>
        deps.wechat.resetKey(accessToken, session.openid, key),
      )
      const now = deps.clock()
      await deps.sessions.replaceKey(session, {
        replaces: key,
        now,
        ...(sessionKey !== undefined && { sessionKey }),
      })
      if (sessionKey === undefined) throw new R3SessionError('invalid_session')
    },
  }
}

export type SessionKeys = ReturnType<typeof createSessionKey>
