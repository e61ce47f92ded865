import { createCache } from './concurrency/cache.js'
import { createOnce, leaseOf, onceErrors } from './concurrency/once.js'
import { createSingleFlight } from './concurrency/single-flight.js'
import { type ErrorCode, exchangeErrors, R3SessionError, saveErrors } from './errors.js'
import type { Report } from './events.js'
import type {
  Attempt,
  AttemptRepository,
  Clock,
  LoginAnswer,
  SessionRepository,
  WechatLogin,
} from './ports.js'
import { beginSession, type Lifetime } from './session.js'

/** As long as WeChat takes a login code, in milliseconds. */
const CODE_LIFE = 5 * 60_000

/** For how long a retry with the same key gets the first answer again, in milliseconds. */
const ANSWER_REMEMBERED = 60_000

/** What `POST /v1/login` and the tutorial's login bring. */
export interface LoginRequest {
  readonly appid: string
  /** The one-time code of `wx.login`. */
  readonly code: string
  /** The client's `Idempotency-Key`: a retry with the same code and key within 60 s gets the first answer again. */
  readonly key?: string | undefined
}

/** What a login can fail with. */
export const loginErrors = [
  ...exchangeErrors,
  ...onceErrors,
  ...saveErrors,
] as const satisfies readonly ErrorCode[]

/**
 * Trades a login code of `wx.login` for an r3session.
 *
 * `expiresIn` is in seconds. Fails with `loginErrors`: `invalid_session` where the user was thrown out meanwhile, and
 * `code_used` for a code that is under way or came with another key, since the session goes to whoever brought the code
 * first, and to nobody else. A login that could not be recorded hands out no token.
 */
export function createLogin(deps: {
  wechat: WechatLogin
  sessions: Pick<SessionRepository, 'epoch' | 'save'>
  attempts: AttemptRepository<LoginAnswer>
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
  report: Report
}) {
  const lease = leaseOf(deps.timeout)
  const once = createOnce({ ...deps, lease, remembered: Math.max(ANSWER_REMEMBERED, 2 * lease) })
  const inFlight = createSingleFlight<LoginAnswer>()
  // Codes that are under way or brought a session, with the key of who brought them. WeChat would refuse a second try
  // too, but each such call counts against the quota.
  const brought = createCache<{ key: string | undefined }>({
    life: CODE_LIFE,
    atMost: 10_000,
    clock: deps.clock,
  })

  async function exchange(appid: string, code: string, attempt?: Attempt): Promise<LoginAnswer> {
    const epoch = await deps.sessions.epoch()
    const { openid, unionid, sessionKey } = await deps.wechat.exchangeCode(appid, code)
    const user = { appid, openid }
    const who = unionid === undefined ? user : { ...user, unionid }
    const session = beginSession(who, deps.newId(), deps.lifetime, deps.clock())
    const token = deps.newToken()
    const { maxSessions } = deps
    const login = { token, session, sessionKey, epoch, maxSessions, ...(attempt && { attempt }) }
    const { madeRoom } = await deps.sessions.save(login)
    deps.report({ type: 'login', user, sessionId: session.id })
    if (madeRoom > 0) deps.report({ type: 'sessions_ended', user, reason: 'made_room', count: madeRoom })
    return { r3session: token, expiresAt: session.expiresAt }
  }

  /** One exchange per code, whoever brings it. */
  async function answerTo({ appid, code, key }: LoginRequest): Promise<LoginAnswer> {
    const name = JSON.stringify([appid, code])
    const earlier = brought.get(name)
    if (earlier !== undefined && (key === undefined || earlier.key !== key))
      throw new R3SessionError('code_used')
    brought.set(name, { key })
    try {
      // Without a key nobody else can be waiting for the same.
      if (key === undefined) return await exchange(appid, code)
      const attempt = { appid, code, key }
      return await inFlight(JSON.stringify([appid, code, key]), () =>
        once(attempt, () => exchange(appid, code, attempt)),
      )
    } catch (error) {
      brought.delete(name)
      throw error
    }
  }

  return async (request: LoginRequest): Promise<{ r3session: string; expiresIn: number }> => {
    try {
      const { r3session, expiresAt } = await answerTo(request)
      return { r3session, expiresIn: Math.max(0, Math.ceil((expiresAt - deps.clock()) / 1000)) }
    } catch (error) {
      const code = error instanceof R3SessionError ? error.code : 'internal'
      deps.report({ type: 'login_failed', appid: request.appid, code })
      throw error
    }
  }
}

export type Login = ReturnType<typeof createLogin>
