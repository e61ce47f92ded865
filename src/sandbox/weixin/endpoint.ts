import { isObject } from '../state/sandbox-error.js'
import type { WeixinState } from '../state/weixin-state.js'
import { isSignature } from './signature.js'

/** A call as an endpoint sees it. `body` is parsed JSON, or the text that is none, or absent when empty. */
export interface Request {
  readonly query: Readonly<Record<string, string | undefined>>
  readonly body: unknown
  /** The body as it came, which is what signatures are over. */
  readonly text: string
}

/** An errcode, or what a success says. Successes of /sns and /cgi-bin carry no errcode, those of /wxa a 0. */
export type Answer = number | Readonly<Record<string, unknown>>

export interface Endpoint {
  readonly methods: readonly ('GET' | 'POST')[]
  readonly answer: (request: Request) => Answer
}

/** A call that is signed with a session_key, and whether with the right one. */
export interface SignedCall {
  readonly appid: string
  readonly openid: string
  /** The key it should be signed with, if the user has any. */
  readonly key: string | undefined
  readonly isGood: boolean
}

/** What WeChat checks first about a caller. Each check gives the errcode of the refusal, or who is calling. */
export function createChecks(state: WeixinState) {
  const { keys, tokens } = state

  return {
    /** For calls with a secret: `undefined` when it is the app's. */
    refusalOf(appid: string, secret: string): number | undefined {
      const app = state.appOf(appid)
      if (app === undefined) return 40013
      if (app.secret !== secret) return 40125
      return state.addressRefused ? 40164 : undefined
    },

    /** For calls with an access_token and a JSON object. */
    withBody({ query, body }: Request): { appid: string; body: Record<string, unknown> } | number {
      const appid = tokens.appidOf(query['access_token'])
      if (typeof appid === 'number') return appid
      if (body === undefined) return 44002
      return isObject(body) ? { appid, body } : 47001
    },

    /** For calls with an access_token and a signature. */
    signed({ query }: Request): SignedCall | number {
      const { access_token, openid, signature, sig_method } = query
      const appid = tokens.appidOf(access_token)
      if (typeof appid === 'number') return appid
      if (!openid || !signature) return 40097
      if (sig_method !== 'hmac_sha256') return 87008
      const key = keys.find({ appid, openid })
      return { appid, openid, key, isGood: key !== undefined && isSignature(signature, '', key) }
    },
  }
}

export type Checks = ReturnType<typeof createChecks>
