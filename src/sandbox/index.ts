import { randomBytes } from 'node:crypto'
import { createActionsHttp } from './actions-http.js'
import type { Sandbox, SandboxOptions, SandboxState } from './library.js'
import { keptState } from './memory/kept-state.js'
import { createMovableClock } from './memory/movable-clock.js'
import { createPhone } from './phone/phone.js'
import { openServer } from './server.js'
import type { SandboxApp } from './state/account.js'
import type { Environment } from './state/environment.js'
import { keptTogether } from './state/kept.js'
import { isObject, SandboxError } from './state/sandbox-error.js'
import { createWeixinState } from './state/weixin-state.js'
import { createCallLog } from './weixin/calls.js'
import { createEndpoints } from './weixin/endpoints.js'
import { createFaults } from './weixin/faults.js'
import { createWeixinHttp } from './weixin-http.js'

export { type Action, actions } from './actions.js'
export type { AppChoice, PhoneAnswer, Sandbox, SandboxOptions, SandboxState } from './library.js'
export type { Profile } from './phone/open-data.js'
export type { UserInfo, UserKey } from './phone/phone.js'
export type { Sealed } from './phone/seal.js'
export type { VirtualPaymentInput, VirtualPaymentResult } from './phone/virtual-payment.js'
export type { SandboxApp } from './state/account.js'
export type { Call } from './weixin/calls.js'
export type { Fault } from './weixin/faults.js'
export { SandboxError }

/** Of the form of a state. */
const VERSION = 1

/** The app that a sandbox serves unless told otherwise. */
export const demoApp: SandboxApp = {
  appid: 'wxd3300000000000d3',
  secret: 'd3300000000000000000000000000d33',
  bound: true,
  appKeys: ['d33-live-app-key', 'd33-sandbox-app-key'],
}

/**
 * Starts WeChat's side of the wire as an HTTP server on 127.0.0.1: code2Session, token, stable_token,
 * checkSessionKey, resetUserSessionKey, getPhoneNumber, getUserEncryptKey, checkEncryptedData, getPaidUnionId,
 * getPluginOpenPId and the signed half of virtual payment, and under `/sandbox/` what a phone does.
 *
 * Fails with a SandboxError for `apps` it can't serve, and as `listen` fails when the port is taken.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const time = createMovableClock(options.clock ?? Date.now)
  const environment: Environment = {
    clock: time.clock,
    randomBytes: options.randomBytes ?? randomBytes,
  }
  const apps = options.apps ?? [demoApp]
  const state = createWeixinState(environment, {
    apps,
    keyRefreshInterval: options.keyRefreshInterval ?? 5 * 60_000,
    loginsPerMinute: options.loginsPerMinute ?? Infinity,
    legacyExpiresIn: options.legacyExpiresIn ?? false,
  })
  const phone = createPhone(state)
  const faults = createFaults()
  const log = createCallLog()
  const controls = { phone, faults }
  const kept = keptTogether({ ahead: time.kept, ...keptState(state), faults: faults.kept })
  const memory = {
    state: (): SandboxState => ({ version: VERSION, ...(kept.save() as object) }),
    restore(saved: unknown): void {
      const { version, ...parts } = isObject(saved) ? saved : {}
      if (version !== VERSION) throw new SandboxError(`a state is an object with version ${VERSION}`)
      kept.read(parts, 'state')()
    },
    reset(): void {
      kept.read(undefined, 'state')()
      state.quota.clear()
      log.clear()
    },
    advance: time.advance,
  }
  const answerAction = createActionsHttp(controls, memory)
  const answerCall = createWeixinHttp({ environment, endpoints: createEndpoints(state), faults, log })
  const { url, close } = await openServer(options.port ?? 0, (call, response) => {
    const answer = call.path.startsWith('/sandbox/') ? answerAction : answerCall
    answer(call, response)
    options.called?.()
  })

  return {
    url,
    apps,
    login: async (user, app) => phone.login({ ...app, user }),
    checkSession: async (user, app) => phone.checkSession({ ...app, user }),
    userInfo: async (user, choice) => phone.userInfo({ ...choice, user }),
    phoneCode: async (user, options) => phone.phoneCode({ ...options, user }),
    phone: async (user, options) => phone.phone({ ...options, user }),
    pluginLogin: async (user, app) => phone.pluginLogin({ ...app, user }),
    userKey: async (user, app) => phone.userKey({ ...app, user }),
    pay: async (user, app) => phone.pay({ ...app, user }),
    requestVirtualPayment: async (user, payment) => phone.requestVirtualPayment({ ...payment, user }),
    paymentNotification: async (outTradeNo, choice) => phone.paymentNotification({ ...choice, outTradeNo }),
    share: async (user, app) => phone.share({ ...app, user }),
    weRun: async (user, app) => phone.weRun({ ...app, user }),
    seal: async (user, data, app) => phone.seal({ ...app, user, data }),
    identity: (user, app) => phone.identity({ ...app, user }),
    keyOf: state.keys.find,
    rotateKey: (user, app) => phone.rotateKey({ ...app, user }),
    block: (user) => phone.block({ user }),
    refuseAddress: (refused = true) => {
      state.addressRefused = refused
    },
    fail: faults.add,
    recover: faults.clear,
    perform: (action, fields) => action.does(controls, fields),
    ...memory,
    calls: log.calls,
    get paidCalls() {
      return state.paidCalls
    },
    close,
  }
}
