import type { Phone, PhoneAnswerInput, UserInfo, UserKey } from './phone/phone.js'
import type { Sealed } from './phone/seal.js'
import type { VirtualPaymentInput, VirtualPaymentResult } from './phone/virtual-payment.js'
import type { Who } from './state/weixin-state.js'
import type { Faults } from './weixin/faults.js'

/** What the actions act upon. */
export interface Controls {
  readonly phone: Phone
  readonly faults: Faults
}

/**
 * The forms of what actions take. Fields are optional and unknown: they come from another process, and what the action
 * does checks them.
 */
interface Inputs {
  readonly nothing: unknown
  readonly who: Who
  readonly profile: Who & { readonly profile?: unknown }
  readonly phoneAnswer: Who & PhoneAnswerInput
  readonly data: Who & { readonly data?: unknown }
  readonly virtualPayment: Who & VirtualPaymentInput
  /** A `Who`, with a form of its own so that documentation can give it an example of its own. */
  readonly blocked: Who
  readonly fault: unknown
}

/** The forms of what actions give. */
interface Outputs {
  readonly nothing: Readonly<Record<string, never>>
  readonly code: { readonly code: string }
  readonly valid: { readonly valid: boolean }
  readonly userInfo: UserInfo
  readonly sealed: Sealed
  readonly phoneNumber: Sealed & { readonly code: string }
  readonly userKey: UserKey
  readonly payment: { readonly transactionId: string; readonly mchId: string; readonly outTradeNo: string }
  readonly virtualPayment: VirtualPaymentResult
  readonly identity: { readonly openid: string; readonly unionid?: string }
}

/** Something a phone does, or WeChat is made to do, over HTTP: POST with JSON in and out. */
export interface Action {
  readonly name: string
  readonly path: string
  /** What it does. */
  readonly summary: string
  readonly takes: keyof Inputs
  readonly gives: keyof Outputs
  /** What its answer means. */
  readonly means: string
  /** Fails with a SandboxError when the input is not what it takes. */
  readonly does: (controls: Controls, input: Readonly<Record<string, unknown>>) => object
}

/** An action whose function takes and gives what the action says. */
function action<T extends keyof Inputs, G extends keyof Outputs>(
  name: string,
  texts: Pick<Action, 'summary' | 'means'>,
  takes: T,
  gives: G,
  does: (controls: Controls, input: Inputs[T]) => Outputs[G],
): Action {
  // The fields of every form are unknown and optional, so any object has them.
  return { name, path: `/sandbox/${name}`, ...texts, takes, gives, does: does as Action['does'] }
}

const like = (call: string) => ({ summary: `What ${call} would give`, means: `As from ${call}` })
const done = (summary: string) => ({ summary, means: 'Done' })

/** Every action there is. The sandbox's own server serves them, and so does whatever runs a sandbox. */
export const actions: readonly Action[] = [
  action('login', like('wx.login'), 'who', 'code', ({ phone }, who) => phone.login(who)),
  action('check-session', like('wx.checkSession'), 'who', 'valid', ({ phone }, who) =>
    phone.checkSession(who),
  ),
  action('user-info', like('wx.getUserInfo'), 'profile', 'userInfo', ({ phone }, input) =>
    phone.userInfo(input),
  ),
  action('phone-code', like('the phone button'), 'phoneAnswer', 'code', ({ phone }, input) =>
    phone.phoneCode(input),
  ),
  action('phone', like('the phone button of old clients'), 'phoneAnswer', 'phoneNumber', ({ phone }, input) =>
    phone.phone(input),
  ),
  action('plugin-login', like('wx.pluginLogin'), 'who', 'code', ({ phone }, who) => phone.pluginLogin(who)),
  action('user-key', like('getLatestUserKey'), 'who', 'userKey', ({ phone }, who) => phone.userKey(who)),
  action(
    'pay',
    { summary: 'Have the user pay, as wx.requestPayment does', means: 'The payment, by both of its numbers' },
    'who',
    'payment',
    ({ phone }, who) => phone.pay(who),
  ),
  action(
    'virtual-payment',
    {
      summary: 'Have the user pay, as wx.requestVirtualPayment does; both signatures are checked',
      means: "0 and what WeChat pushes to a server then, or WeChat's errCode",
    },
    'virtualPayment',
    'virtualPayment',
    ({ phone }, input) => phone.requestVirtualPayment(input),
  ),
  action('share', like('wx.getShareInfo'), 'who', 'sealed', ({ phone }, who) => phone.share(who)),
  action('we-run', like('wx.getWeRunData'), 'who', 'sealed', ({ phone }, who) => phone.weRun(who)),
  action(
    'seal',
    {
      summary: "Any data or text, sealed with the user's session_key",
      means: 'As from any wx function that seals',
    },
    'data',
    'sealed',
    ({ phone }, input) => phone.seal(input),
  ),
  action(
    'identity',
    { summary: 'Who the user is in the mini program', means: 'What WeChat will say of the user' },
    'who',
    'identity',
    ({ phone }, who) => phone.identity(who),
  ),
  action(
    'rotate-key',
    done("Have WeChat replace the user's session_key at once, as a login on another device may"),
    'who',
    'nothing',
    ({ phone }, who) => {
      phone.rotateKey(who)
      return {}
    },
  ),
  action(
    'block',
    done("Have WeChat refuse the user's logins from now on (40226), in every mini program"),
    'blocked',
    'nothing',
    ({ phone }, who) => {
      phone.block(who)
      return {}
    },
  ),
  action(
    'fail',
    done("Have the next calls of WeChat's endpoints meet a fault"),
    'fault',
    'nothing',
    ({ faults }, fault) => {
      faults.add(fault)
      return {}
    },
  ),
  action(
    'recover',
    done('Forget all faults that have not been met yet'),
    'nothing',
    'nothing',
    ({ faults }) => {
      faults.clear()
      return {}
    },
  ),
]
