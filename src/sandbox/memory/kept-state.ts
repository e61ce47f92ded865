import type { Account } from '../state/account.js'
import { type Form, fields, flag, type Kept, keptSet, keptValue, text, whole } from '../state/kept.js'
import { SandboxError } from '../state/sandbox-error.js'
import { MAX_BLOCKED, type WeixinState } from '../state/weixin-state.js'

/** All that WeChat remembers, part by part: neither the settings nor how often who has logged in within this minute. */
export function keptState(state: WeixinState): Readonly<Record<string, Kept>> {
  /** Whose it is; the ids come of it. */
  const account: Form<Account> = {
    save: ({ user, appid }) => ({ user, appid }),
    read(json, place) {
      const who = fields<{ user: string; appid: string }>({ user: text, appid: text }).read(json, place)
      try {
        return state.account(who)
      } catch (error) {
        throw error instanceof SandboxError ? new SandboxError(`${place}: ${error.message}`) : error
      }
    },
  }
  return {
    loginCodes: state.loginCodes.kept(account),
    phoneCodes: state.phoneCodes.kept(account),
    pluginCodes: state.pluginCodes.kept(account),
    payments: state.payments.kept(account),
    virtualPayments: state.virtualPayments.kept(account),
    sessionKeys: state.keys.kept,
    encryptKeys: state.encryptKeys.kept,
    sealedPhones: state.sealedPhones.kept,
    accessTokens: state.tokens.kept,
    blocked: keptSet(state.blocked, text, MAX_BLOCKED),
    addressRefused: keptValue(state, 'addressRefused', flag, false),
    paidCalls: keptValue(state, 'paidCalls', whole, 0),
  }
}
