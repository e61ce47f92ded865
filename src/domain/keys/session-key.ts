import { type AccessTokens, accessTokenErrors } from '../access-token.js'
import { type Authenticate, authenticateErrors } from '../authenticate.js'
import { type ErrorCode, R3SessionError } from '../errors.js'
import type { Report } from '../events.js'
import { currentKey, withoutKey, withResetKey } from '../key-ring.js'
import type { Clock, KeyRingRepository } from '../ports.js'
import type { UserKey } from '../session.js'
import type { WechatKeys } from './wechat-keys.js'

/** What `check` and `reset` can fail with. */
export const sessionKeyErrors = [
  ...authenticateErrors,
  ...accessTokenErrors,
] as const satisfies readonly ErrorCode[]

/**
 * What the user's newest session_key is worth at WeChat. `check` asks, `reset` has it replaced; what they find out
 * goes into the user's ring.
 *
 * Both fail with `sessionKeyErrors`; `reset` with `invalid_session` also when WeChat no longer honours the key, since
 * only a new login brings another one.
 */
export function createSessionKey(deps: {
  authenticate: Authenticate
  keyRings: KeyRingRepository
  wechat: Pick<WechatKeys, 'honoursKey' | 'resetKey'>
  accessTokens: Pick<AccessTokens, 'use'>
  clock: Clock
  report: Report
}) {
  async function sessionAndKey(token: string) {
    const session = await deps.authenticate(token)
    return { session, key: currentKey(await deps.keyRings.keys(session)) }
  }

  return {
    /** Whether WeChat still honours the newest key we have. */
    async check(token: string): Promise<boolean> {
      const { session, key } = await sessionAndKey(token)
      if (key === undefined) return false
      const valid = await deps.accessTokens.use(session.appid, (accessToken) =>
        deps.wechat.honoursKey(accessToken, session.openid, key),
      )
      const now = deps.clock()
      if (valid) return true
      await deps.keyRings.change(session, (ring) => withoutKey(ring, key, now))
      replaced(session, 'check')
      return false
    },

    /** Has WeChat replace the key. */
    async reset(token: string): Promise<void> {
      const { session, key } = await sessionAndKey(token)
      if (key === undefined) throw new R3SessionError('invalid_session')
      const sessionKey = await deps.accessTokens.use(session.appid, (accessToken) =>
        deps.wechat.resetKey(accessToken, session.openid, key),
      )
      const now = deps.clock()
      await deps.keyRings.change(session, (ring) =>
        sessionKey === undefined ? withoutKey(ring, key, now) : withResetKey(ring, sessionKey, now),
      )
      replaced(session, 'reset')
      if (sessionKey === undefined) throw new R3SessionError('invalid_session')
    },
  }

  function replaced({ appid, openid }: UserKey, by: 'check' | 'reset'): void {
    deps.report({ type: 'key_replaced', user: { appid, openid }, by })
  }
}

export type SessionKeys = ReturnType<typeof createSessionKey>
