import { createAccessTokens } from './access-tokens.js'
import { type Account, accountOf, type SandboxApp } from './account.js'
import { createCodes, newLoginCode, newPhoneCode, newTransactionId } from './codes.js'
import { createEncryptKeys } from './encrypt-keys.js'
import type { Environment } from './environment.js'
import { createQuota } from './quota.js'
import { SandboxError } from './sandbox-error.js'
import { createSealedPhones } from './sealed-phones.js'
import { createSessionKeys } from './session-keys.js'
import { createVirtualPayments } from './virtual-payments.js'

/** Names a user and an app. Fields are unknown because they may come from another process. */
export interface Who {
  readonly user?: unknown
  readonly appid?: unknown
}

export interface WeixinSettings {
  readonly apps: readonly SandboxApp[]
  /** Milliseconds in which logins don't change the session_key. */
  readonly keyRefreshInterval: number
  /** Code exchanges of one user a minute before WeChat answers 45011. */
  readonly loginsPerMinute: number
  /** Old accounts still get a meaningless `expires_in` from code2Session. */
  readonly legacyExpiresIn: boolean
}

/** Users blocked at most; when more come, the one blocked first is free again. */
export const MAX_BLOCKED = 10_000

/** All that WeChat knows: its endpoints and the phones act upon it. Nothing in it grows without limit. */
export function createWeixinState(environment: Environment, settings: WeixinSettings) {
  const { apps } = settings
  const [defaultApp] = apps
  if (defaultApp === undefined) throw new SandboxError('apps needs one {appid, secret} at least')
  const appsById = new Map(apps.map((app) => [app.appid, app]))
  if (appsById.size < apps.length) throw new SandboxError('apps holds one appid twice')
  const blocked = new Set<string>()

  return {
    environment,
    settings,
    loginCodes: createCodes(environment.clock, () => newLoginCode(environment.randomBytes)),
    phoneCodes: createCodes(environment.clock, () => newPhoneCode(environment.randomBytes)),
    pluginCodes: createCodes(environment.clock, () => newPhoneCode(environment.randomBytes)),
    /** By their transaction_id. */
    payments: createCodes(environment.clock, () => newTransactionId(environment.randomBytes)),
    virtualPayments: createVirtualPayments(environment),
    keys: createSessionKeys(environment, settings.keyRefreshInterval),
    encryptKeys: createEncryptKeys(environment),
    sealedPhones: createSealedPhones(environment.clock),
    tokens: createAccessTokens(environment),
    quota: createQuota(environment.clock, settings.loginsPerMinute),
    /** Whether our address is missing on the IP allow-list of WeChat's console. */
    addressRefused: false,
    /** Phone numbers given out. WeChat charges for each. */
    paidCalls: 0,

    appOf: (appid: string): SandboxApp | undefined => appsById.get(appid),

    /** The account meant; by default the user `demo` and the first app. Fails with a SandboxError. */
    account({ user = 'demo', appid = defaultApp.appid }: Who): Account {
      const app = typeof appid === 'string' ? appsById.get(appid) : undefined
      if (app === undefined)
        throw new SandboxError(`no such appid here; the sandbox serves ${[...appsById.keys()].join(', ')}`)
      return accountOf(app, user)
    },

    /** Whom WeChat's risk control refuses. */
    blocked,
    isBlocked: (user: string): boolean => blocked.has(user),

    /** WeChat's risk control refuses the user from now on, in every app. */
    block(user: string): void {
      const [first] = blocked
      if (first !== undefined && blocked.size >= MAX_BLOCKED) blocked.delete(first)
      blocked.add(user)
    },
  }
}

export type WeixinState = ReturnType<typeof createWeixinState>
