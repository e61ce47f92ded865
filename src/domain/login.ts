import { explained, R3SessionError } from './errors.js'
import type { Clock, LoginAnswer, LoginAttempt, SessionRepository, WechatGateway } from './ports.js'
import { beginSession, type Lifetime } from './session.js'
import { createShortMemory } from './short-memory.js'

/** How often a retry looks whether the attempt under way in another process has ended, in milliseconds. */
const LOOK_EVERY = 50

/** How long a login may take besides WeChat's part in it, in milliseconds. */
const BESIDES_WECHAT = 5_000

/** How long a retry with the same Idempotency-Key gets the first answer, at least; in milliseconds. */
const RETRIES_WITHIN = 60_000

/** As long as WeChat takes a login code, in milliseconds. */
const CODE_LIFE = 5 * 60_000

/** What `POST /v1/login` and the tutorial's login bring. */
export interface LoginRequest {
  readonly appid: string
  /** The one-time code of `wx.login`. */
  readonly code: string
  /** The client's `Idempotency-Key`: a retry with the same code and key within 60 s gets the first answer again. */
  readonly key?: string | undefined
}

/**
 * Trades a login code of `wx.login` for an r3session.
 *
 * `expiresIn` is in seconds. Fails with what WechatGateway and SessionRepository fail with, `invalid_session` of a user
 * who was thrown out meanwhile included; a login that could not be recorded hands out no token. A code that is under way, or that came with another key, is `code_used`: the session
 * goes to whoever brought the code first, and to nobody else.
 */
export function createLogin(deps: {
  wechat: Pick<WechatGateway, 'exchangeCode'>
  sessions: SessionRepository
  lifetime: Lifetime
  /** How many live sessions a user may have; the oldest make room. */
  maxSessions: number
  clock: Clock
  /** A fresh r3session: 64 random bytes as 128 lower-case hex digits. */
  newToken: () => string
  /** A fresh public session id: 16 random bytes as 32 lower-case hex digits. */
  newId: () => string
  pause: (milliseconds: number) => Promise<unknown>
  /** Deadline of one call to WeChat, in milliseconds. */
  timeout: number
}) {
  // A claim that ended earlier would let another process send the code again while WeChat thinks about the first.
  const lease = deps.timeout + BESIDES_WECHAT
  // Twice, because a slow answer has to be found by a retry that comes after it.
  const remembered = Math.max(RETRIES_WITHIN, 2 * lease)
  const underWay = new Map<string, { key: string | undefined; answer: Promise<LoginAnswer> }>()
  // Codes that brought a session, with the key of who brought them. WeChat would refuse a second try too, but each
  // such call counts against the quota.
  const spent = createShortMemory<{ key: string | undefined }>({
    life: CODE_LIFE,
    atMost: 10_000,
    clock: deps.clock,
  })

  async function exchange(appid: string, code: string, attempt?: LoginAttempt): Promise<LoginAnswer> {
    const epoch = await deps.sessions.epoch()
    const { sessionKey, ...identity } = await deps.wechat
      .exchangeCode(appid, code)
      .catch((error: unknown) => {
        throw explained(error, 'code_invalid', wrongCode)
      })
    const session = beginSession({ appid, ...identity }, deps.newId(), deps.lifetime, deps.clock())
    const token = deps.newToken()
    const { maxSessions } = deps
    await deps.sessions.save({ token, session, sessionKey, epoch, maxSessions, ...(attempt && { attempt }) })
    return { r3session: token, expiresAt: session.expiresAt }
  }

  /** The attempt as all processes on the store see it: one of them asks WeChat, the others wait for what it gets. */
  async function exchangeOnce(attempt: LoginAttempt): Promise<LoginAnswer> {
    for (;;) {
      const now = deps.clock()
      const times = { now, until: now + lease, forgottenAt: now + remembered }
      const claim = await deps.sessions.claim(attempt, times)
      if (claim === 'taken') throw new R3SessionError('code_used')
      if (claim !== 'first' && claim !== 'running') return claim
      if (claim === 'first') {
        try {
          return await exchange(attempt.appid, attempt.code, attempt)
        } catch (error) {
          // A claim that can't be given up ends by itself; the caller should hear what went wrong first.
          await deps.sessions.abandon(attempt).catch(() => {})
          throw error
        }
      }
      await deps.pause(LOOK_EVERY)
    }
  }

  function begin(name: string, { appid, code, key }: LoginRequest): Promise<LoginAnswer> {
    const exchanged = key === undefined ? exchange(appid, code) : exchangeOnce({ appid, code, key })
    const answer = exchanged
      .then((given) => {
        spent.remember(name, { key })
        return given
      })
      .finally(() => underWay.delete(name))
    underWay.set(name, { key, answer })
    return answer
  }

  return async ({ appid, code, key }: LoginRequest): Promise<{ r3session: string; expiresIn: number }> => {
    const name = JSON.stringify([appid, code])
    const running = underWay.get(name)
    const earlier = running ?? spent.recall(name)
    if (earlier !== undefined && (key === undefined || earlier.key !== key))
      throw new R3SessionError('code_used')
    const { r3session, expiresAt } = await (running?.answer ?? begin(name, { appid, code, key }))
    return { r3session, expiresIn: Math.max(0, Math.ceil((expiresAt - deps.clock()) / 1000)) }
  }
}

export type Login = ReturnType<typeof createLogin>

const wrongCode = {
  en: 'Send the code of a new wx.login, once and within 5 minutes. A code of the phone button does not work here.',
  zh: '请发送新的 wx.login 返回的 code（5 分钟内、仅限一次）；手机号按钮的 code 在此无效。',
}
