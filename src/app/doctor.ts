import { R3SessionError } from '../domain/errors.js'

/** One thing that was looked at. `advice` says what to do about it, where there is something to do. */
export interface Finding {
  readonly subject: string
  readonly ok: boolean
  readonly found: string
  readonly advice?: string
}

/** What the doctor can look at. Every call may fail with an R3SessionError. */
export interface Patient {
  readonly appids: readonly string[]
  /** Whether WeChat is imitated, because no mini program is set. */
  readonly sandbox: boolean
  /** Fails with the reason when the store can't serve logins; resolves to what there is to say of it. */
  readonly checkStore: () => Promise<string>
  /** What WeChat's clock says, in milliseconds since 1970; `undefined` when it does not tell. */
  readonly wechatTime: () => Promise<number | undefined>
  readonly stableToken: (appid: string) => Promise<unknown>
  readonly clock: () => number
}

/** Seconds by which the clocks may differ. Sealed data is judged by its age, and logs by their time. */
const CLOCK_TOLERANCE = 60

/** Looks at store, clock and WeChat, one after the other. Findings hold no secret. */
export async function* examine(patient: Patient): AsyncGenerator<Finding> {
  yield await look(
    'store',
    patient.checkStore,
    'Check the path in SESSION_STORE, its owner and the space on its disk.',
  )
  if (patient.sandbox) {
    yield { subject: 'WeChat', ok: true, found: 'imitated by the sandbox, since WECHAT_APPID is not set' }
    return
  }
  yield await look('clock', () => compareClocks(patient), 'Check WECHAT_API, DNS and the firewall.')
  for (const appid of patient.appids) {
    yield await look(`WeChat, ${appid}`, async () => {
      await patient.stableToken(appid)
      return 'takes the appid and its AppSecret'
    })
  }
}

async function look(subject: string, check: () => Promise<string>, fallback = retry): Promise<Finding> {
  try {
    return { subject, ok: true, found: await check() }
  } catch (error) {
    if (error instanceof Discord) return { subject, ok: false, found: error.message, advice: error.advice }
    if (!(error instanceof R3SessionError)) throw error
    const cause = error.cause instanceof Error ? error.cause.message : ''
    const errcode = /\berrcode (-?\d+)/.exec(cause)?.[1] ?? ''
    const found = cause === '' ? error.code : `${error.code}: ${cause}`
    return { subject, ok: false, found, advice: advice[errcode] ?? fallback }
  }
}

/** Something wrong that is no error of an adapter. */
class Discord extends Error {
  readonly advice: string

  constructor(found: string, advice: string) {
    super(found)
    this.advice = advice
  }
}

async function compareClocks({ wechatTime, clock }: Patient): Promise<string> {
  const before = clock()
  const theirs = await wechatTime()
  if (theirs === undefined) return 'WeChat did not tell its time'
  // The answer was written at some moment between asking and now; a second is what the header is good to.
  const seconds = Math.round((theirs - (before + clock()) / 2) / 1000)
  if (Math.abs(seconds) <= CLOCK_TOLERANCE) return `within ${CLOCK_TOLERANCE} seconds of WeChat's`
  throw new Discord(
    `${Math.abs(seconds)} seconds ${seconds > 0 ? 'behind' : 'ahead of'} WeChat's`,
    'Let the machine keep its time by NTP; a container takes it from its host.',
  )
}

const retry = 'Try again in a minute; if it stays, check the network between here and WeChat.'
const secret =
  'Copy the AppSecret again from the console (开发管理 - 开发设置). It changes with every reset there.'
const account = 'Look in the console for what the account lacks: verification, or a penalty.'
const confirmAddress =
  "The account's administrator has to confirm this machine's address in WeChat, and may have refused it."

/** What to do about an errcode (WeChat docs, getStableAccessToken and the global return codes). */
const advice: Readonly<Record<string, string>> = {
  40001: secret,
  40125: secret,
  41004: secret,
  40013:
    'Check WECHAT_APPID: it is that of the mini program (wx and 16 hex digits), not the original id (gh_...).',
  41002: 'Check WECHAT_APPID: WeChat got none.',
  40164: "Put this machine's address on the IP allow-list in the console (开发管理 - 开发设置 - IP白名单).",
  40243: 'The AppSecret is frozen in the console; unfreeze it there.',
  45009: "The day's quota of calls is used up; it begins anew at midnight in China.",
  45011: 'Too many calls in this minute; try again in the next.',
  48001: account,
  48004: account,
  50001: account,
  50002: account,
  50004: account,
  50007: 'The account is frozen; see the console.',
  61024:
    'This appid belongs to a third-party platform (component); set the appid of the mini program itself.',
  89501: confirmAddress,
  89502: confirmAddress,
  89503: confirmAddress,
  89506: confirmAddress,
  89507: confirmAddress,
}
