import { createSingleFlight } from './concurrency/single-flight.js'
import { type ErrorCode, R3SessionError, storeErrors, wechatErrors } from './errors.js'
import { type Caller, type Report, swallow } from './events.js'
import {
  type AccessToken,
  type AccessTokenRepository,
  type Clock,
  StaleAccessToken,
  type WechatTokens,
} from './ports.js'

/**
 * WeChat gives the same token until 5 minutes before its end; from then on the next one, while the old one stays good
 * (WeChat docs, getStableAccessToken). So it's worth asking between 4.5 and 3.5 minutes before the end. The spread
 * keeps the apps of one service from asking in the same second.
 */
const REFRESH_AHEAD = 270_000
const REFRESH_SPREAD = 60_000

/** How often somebody looks whether another process has fetched the token, in milliseconds. */
const LOOK_EVERY = 50

/** After a refresh failed while the token at hand is still good, for how long nobody tries again. */
const TRY_AGAIN_AFTER = 10_000

/** What getting an access_token can fail with. */
export const accessTokenErrors = [...storeErrors, ...wechatErrors] as const satisfies readonly ErrorCode[]

/**
 * One access_token per mini program, for everybody who shares the store: fetched by one caller at a time, ahead of
 * its end, never forced. Nothing of a login depends on it.
 *
 * Fails with `accessTokenErrors`; `use` also with what its call fails with.
 */
export function createAccessTokens(deps: {
  wechat: WechatTokens
  tokens: AccessTokenRepository
  clock: Clock
  /** A number from 0 to 1, at random. */
  random: () => number
  pause: (milliseconds: number) => Promise<unknown>
  /** Deadline of one call to WeChat, in milliseconds. */
  timeout: number
  report: Report
}) {
  const inFlight = createSingleFlight<AccessToken>()

  /** The app's token; never `stale`, which WeChat refused. */
  function current(appid: string, stale?: string): Promise<AccessToken> {
    // Whoever joins a flight that began before its token was found stale may get that one again, once.
    return inFlight(appid, () => find(appid, stale))
  }

  async function find(appid: string, stale: string | undefined): Promise<AccessToken> {
    const deadline = deps.clock() + 2 * deps.timeout
    for (;;) {
      const stored = await deps.tokens.read(appid)
      const now = deps.clock()
      const good = stored !== undefined && stored.accessToken !== stale && now < stored.expiresAt
      if (good && now < stored.refreshAt) return stored
      if (await deps.tokens.claim(appid, now, now + Math.max(deps.timeout * 2, TRY_AGAIN_AFTER))) {
        // Between the look and the claim another process may have fetched it, from beginning to end.
        const latest = await deps.tokens.read(appid)
        if (latest?.refreshAt === stored?.refreshAt) return refresh(appid, good ? stored : undefined)
        await deps.tokens.release(appid)
        continue
      }
      if (good) return stored
      if (now >= deadline)
        throw new R3SessionError('wechat_busy', { facts: { reason: 'no access_token from another process' } })
      await deps.pause(LOOK_EVERY)
    }
  }

  /** @param good the token that still serves should the next one not come; its claim then keeps others from trying */
  async function refresh(appid: string, good: AccessToken | undefined): Promise<AccessToken> {
    try {
      const { accessToken, expiresIn } = await deps.wechat.stableToken(appid)
      const now = deps.clock()
      const life = expiresIn * 1000
      const refreshIn = Math.max(life - REFRESH_AHEAD + deps.random() * REFRESH_SPREAD, life / 2)
      const token = { accessToken, expiresAt: now + life, refreshAt: now + refreshIn }
      await deps.tokens.write(appid, token)
      deps.report({ type: 'access_token_fetched', appid })
      return token
    } catch (error) {
      if (good !== undefined) {
        swallow(deps.report, 'refreshing an access_token')(error)
        return good
      }
      await deps.tokens.release(appid)
      throw error
    }
  }

  return {
    /** The app's token and the whole seconds it still lives. */
    async vend(appid: string, by?: Caller): Promise<{ accessToken: string; expiresIn: number }> {
      const { accessToken, expiresAt } = await current(appid)
      deps.report({ type: 'access_token_vended', appid, ...(by && { by }) })
      return { accessToken, expiresIn: Math.max(0, Math.floor((expiresAt - deps.clock()) / 1000)) }
    },

    /**
     * The result of a call that needs a token. When WeChat does not take the token, it is fetched anew and the call
     * repeated, both once.
     */
    async use<T>(appid: string, call: (accessToken: string) => Promise<T>): Promise<T> {
      const { accessToken } = await current(appid)
      try {
        return await call(accessToken)
      } catch (error) {
        if (!(error instanceof StaleAccessToken)) throw error
      }
      const fresh = await current(appid, accessToken)
      try {
        return await call(fresh.accessToken)
      } catch (error) {
        if (!(error instanceof StaleAccessToken)) throw error
        throw new R3SessionError('wechat_invalid_response', {
          facts: { ...error.facts, reason: 'a fresh access_token is refused' },
        })
      }
    },
  }
}

export type AccessTokens = ReturnType<typeof createAccessTokens>
