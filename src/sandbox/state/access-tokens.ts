import { type Environment, inSeconds, startOfDay } from './environment.js'
import { fields, keptMap, keptTogether, list, text, whole, wholeOr } from './kept.js'

/** WeChat docs, getStableAccessToken: it lives 2 hours and is renewed 5 minutes before; in between both are valid. */
export const TOKEN_LIFE = 7200_000
export const RENEWED_BEFORE_END = 300_000

/** WeChat docs, getAccessToken: after a further call the token before works for 5 minutes more. */
export const VALID_AFTER_NEXT = 300_000

/** WeChat docs, getStableAccessToken: forced refreshes lie 30 s apart, 20 a day. */
export const FORCE_INTERVAL = 30_000
export const FORCES_PER_DAY = 20

/** Tokens remembered per app: one that has ended meets 42001, one that never was meets 40001. */
const MAX_TOKENS = 8

const SHAPE = /^\d{2}_[A-Za-z0-9_-]{128}$/

interface Token {
  readonly text: string
  readonly expiresAt: number
  /** From then on it is no longer one of the latest. */
  replacedAt: number
}

interface Issuer {
  readonly appid: string
  /** Newest first. */
  tokens: Token[]
  forcedAt: number
  forcedOn: number
  forces: number
}

/** Apps are few. */
const MAX_ISSUERS = 1000

const issuerForm = fields<Issuer>({
  appid: text,
  tokens: list(fields<Token>({ text, expiresAt: whole, replacedAt: wholeOr(Infinity) }), MAX_TOKENS),
  forcedAt: wholeOr(-Infinity),
  forcedOn: whole,
  forces: whole,
})

/** The access_tokens of all apps. Those of stable_token and those of the older endpoint do not affect each other. */
export function createAccessTokens({ clock, randomBytes }: Environment) {
  const stableIssuers = new Map<string, Issuer>()
  const plainIssuers = new Map<string, Issuer>()

  const issuerOf = (issuers: Map<string, Issuer>, appid: string): Issuer => {
    const known = issuers.get(appid)
    if (known !== undefined) return known
    const issuer = { appid, tokens: [], forcedAt: -Infinity, forcedOn: 0, forces: 0 }
    issuers.set(appid, issuer)
    return issuer
  }

  const issue = (issuer: Issuer): Token => {
    const text = `80_${randomBytes(96).toString('base64url')}`
    const token = { text, expiresAt: clock() + TOKEN_LIFE, replacedAt: Infinity }
    issuer.tokens = [token, ...issuer.tokens].slice(0, MAX_TOKENS)
    return token
  }

  const current = (issuer: Issuer): Token => {
    const [newest] = issuer.tokens
    const lasts = newest !== undefined && newest.expiresAt - clock() >= RENEWED_BEFORE_END
    return lasts ? newest : issue(issuer)
  }

  /** The token after a forced refresh, unless the last one was too short ago. `undefined`: no more today. */
  const forced = (issuer: Issuer): Token | undefined => {
    const now = clock()
    if (now - issuer.forcedAt < FORCE_INTERVAL) return current(issuer)
    const today = startOfDay(now)
    if (issuer.forcedOn !== today) Object.assign(issuer, { forcedOn: today, forces: 0 })
    if (issuer.forces >= FORCES_PER_DAY) return undefined
    issuer.forces += 1
    issuer.forcedAt = now
    for (const token of issuer.tokens) token.replacedAt = now
    return issue(issuer)
  }

  return {
    /** By appid. */
    kept: keptTogether({
      stable: keptMap(stableIssuers, issuerForm, MAX_ISSUERS),
      plain: keptMap(plainIssuers, issuerForm, MAX_ISSUERS),
    }),

    /** The app's token and the seconds it has left, or an errcode. */
    stable(appid: string, force: boolean): { access_token: string; expires_in: number } | number {
      const issuer = issuerOf(stableIssuers, appid)
      const token = force ? forced(issuer) : current(issuer)
      if (token === undefined) return 45009
      return { access_token: token.text, expires_in: inSeconds(token.expiresAt - clock()) }
    },

    /** A new token with each call. The one before works for 5 minutes more; older ones have ended. */
    plain(appid: string): { access_token: string; expires_in: number } {
      const issuer = issuerOf(plainIssuers, appid)
      const now = clock()
      const [latest, ...older] = issuer.tokens
      if (latest !== undefined) latest.replacedAt = now + VALID_AFTER_NEXT
      for (const token of older) token.replacedAt = Math.min(token.replacedAt, now)
      return { access_token: issue(issuer).text, expires_in: inSeconds(TOKEN_LIFE) }
    },

    /** The appid a token stands for, or the errcode of a call that brings it. */
    appidOf(text: string | undefined): string | number {
      if (!text) return 41001
      if (!SHAPE.test(text)) return 40014
      for (const { appid, tokens } of [...stableIssuers.values(), ...plainIssuers.values()]) {
        const token = tokens.find((known) => known.text === text)
        if (token === undefined || clock() >= token.replacedAt) continue
        return clock() < token.expiresAt ? appid : 42001
      }
      return 40001
    },
  }
}
