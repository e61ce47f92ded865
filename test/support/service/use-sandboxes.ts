import { createHmac } from 'node:crypto'
import { demoApp, type SandboxApp, type SandboxOptions } from '#src/sandbox/index.js'
import { openSealed, startTestSandbox } from './start-sandbox.js'

export const LOGIN = '/sns/jscode2session'
export const TOKEN = '/cgi-bin/token'
export const STABLE_TOKEN = '/cgi-bin/stable_token'
export const CHECK = '/wxa/checksession'
export const RESET = '/wxa/resetusersessionkey'
export const PHONE = '/wxa/business/getuserphonenumber'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

/** Access tokens that are none, by the errcode that they meet. */
export const NO_TOKEN = { 41001: '', 40014: 'x', 40001: `80_${'x'.repeat(128)}` }

export const shop: SandboxApp = { appid: 'wx00000000000000a1', secret: 'secret of the shop' }
export const club: SandboxApp = { appid: 'wx00000000000000b2', secret: 'secret of the club', bound: true }
export const cafe: SandboxApp = { appid: 'wx00000000000000c3', secret: 'secret of the café', bound: true }

/** For the suite that calls this: starts a sandbox that ends with the test, with the calls that a service makes. */
export function useSandboxes() {
  const open: (() => Promise<void>)[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()))
  })

  return async (options?: SandboxOptions) => {
    const sandbox = await startTestSandbox(options)
    const { weixin, get, post } = sandbox
    open.push(weixin.close)
    const firstApp = weixin.apps[0] ?? demoApp

    const exchange = async (code: string, app = firstApp) =>
      get(LOGIN, { ...secretOf(app), js_code: code, grant_type: 'authorization_code' })
    /** Logs in and gives what code2Session says. */
    const session = async (user?: string, app = firstApp) => {
      const { code } = await weixin.login(user, { appid: app.appid })
      return (await exchange(code, app)).json
    }
    const credential = (app: SandboxApp) => ({ ...secretOf(app), grant_type: 'client_credential' })
    /** The token of stable_token. */
    const stableToken = async (app = firstApp): Promise<string> =>
      (await post(STABLE_TOKEN, credential(app))).json.access_token
    /** A token of the older endpoint. */
    const plainToken = async (app = firstApp): Promise<string> =>
      (await get(TOKEN, credential(app))).json.access_token
    return { ...sandbox, exchange, session, stableToken, plainToken }
  }
}

export function secretOf({ appid, secret }: SandboxApp) {
  return { appid, secret }
}

/** The signature of checksession and its like. */
export function hmac(key: string): string {
  return createHmac('sha256', key).update('').digest('hex')
}

/** A wrong key gives bad padding, or 1 time in 256 garbage. */
export function opens(sealed: { encryptedData: string; iv: string }, key: string): boolean {
  try {
    JSON.parse(openSealed(sealed, key))
    return true
  } catch {
    return false
  }
}
