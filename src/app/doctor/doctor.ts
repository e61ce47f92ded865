import { type Facts, R3SessionError } from '../../domain/errors.js'
import { inLanguage, type Language, type Said, type Text } from '../config/language.js'

/** One thing that was looked at. `advice` says what to do about it, where there is something to do. */
export interface Finding {
  readonly subject: string
  readonly ok: boolean
  readonly found: string
  readonly advice?: string
}

/** What the doctor checks. Every call may fail with an R3SessionError or a CheckFailure. */
export interface Checks {
  readonly appids: readonly string[]
  /** Whether WeChat is imitated, because no mini program is set. */
  readonly sandbox: boolean
  /** Fails with the reason when the store can't serve logins; resolves to what there is to say of it. */
  readonly checkStore: () => Promise<Said>
  /** Likewise for the port. */
  readonly checkPort?: () => Promise<Said>
  /** And for that of the metrics, where they have one of their own. */
  readonly checkMetricsPort?: () => Promise<Said>
  /** What WeChat's clock says, in milliseconds since 1970; `undefined` when it does not tell. */
  readonly wechatTime: () => Promise<number | undefined>
  readonly stableToken: (appid: string) => Promise<unknown>
  readonly clock: () => number
}

/** Something wrong that is no error of an adapter, and what to do about it. */
export class CheckFailure extends Error {
  readonly found: Text
  readonly advice: Text

  constructor(found: Text, advice: Text) {
    super(found.en)
    this.found = found
    this.advice = advice
  }
}

/** Seconds by which the clocks may differ. Sealed data is judged by its age, and logs by their time. */
const CLOCK_TOLERANCE = 60

/** Looks at store, port, clock and WeChat, one after the other. Findings hold no secret. */
export async function* runChecks(checks: Checks, language: Language = 'en'): AsyncGenerator<Finding> {
  yield await look(texts.store, checks.checkStore, texts.checkStore)
  if (checks.checkPort) yield await look(texts.port, checks.checkPort)
  if (checks.checkMetricsPort) yield await look(texts.metricsPort, checks.checkMetricsPort)
  if (checks.sandbox) {
    yield { subject: inLanguage(language, texts.wechat), ok: true, found: texts.imitated[language] }
    return
  }
  yield await look(texts.clock, () => compareClocks(checks), texts.checkNetwork)
  for (const appid of checks.appids) {
    const subject = { en: `WeChat, ${appid}`, zh: `微信，${appid}` }
    yield await look(subject, async () => {
      await checks.stableToken(appid)
      return texts.taken
    })
  }

  async function look(subject: Text, check: () => Promise<Said>, fallback: Text = retry): Promise<Finding> {
    const name = subject[language]
    try {
      return { subject: name, ok: true, found: inLanguage(language, await check()) }
    } catch (error) {
      if (error instanceof CheckFailure) {
        return { subject: name, ok: false, found: error.found[language], advice: error.advice[language] }
      }
      if (!(error instanceof R3SessionError)) throw error
      const why = sentenceOf(error.facts) || (error.cause instanceof Error ? error.cause.message : '')
      const found = why === '' ? error.code : `${error.code}: ${why}`
      const known = advice[error.facts.errcode ?? '']
      return { subject: name, ok: false, found, advice: (known ?? fallback)[language] }
    }
  }
}

function sentenceOf({ reason, errcode, rid, address }: Facts): string {
  const parts = [
    reason,
    errcode === undefined ? undefined : `errcode ${errcode}`,
    rid && `rid ${rid}`,
    address && `our address ${address}`,
  ]
  return parts.filter(Boolean).join(', ')
}

async function compareClocks({ wechatTime, clock }: Checks): Promise<Text> {
  const before = clock()
  const theirs = await wechatTime()
  if (theirs === undefined) return { en: 'WeChat did not tell its time', zh: '微信服务器未告知时间' }
  // The answer was written at some moment between asking and now; a second is what the header is good to.
  const seconds = Math.round((theirs - (before + clock()) / 2) / 1000)
  if (Math.abs(seconds) <= CLOCK_TOLERANCE) {
    return {
      en: `within ${CLOCK_TOLERANCE} seconds of WeChat's`,
      zh: `与微信服务器相差不超过 ${CLOCK_TOLERANCE} 秒`,
    }
  }
  const off = Math.abs(seconds)
  throw new CheckFailure(
    {
      en: `${off} seconds ${seconds > 0 ? 'behind' : 'ahead of'} WeChat's`,
      zh: `比微信服务器${seconds > 0 ? '慢' : '快'} ${off} 秒`,
    },
    {
      en: 'Let the machine keep its time by NTP; a container takes it from its host.',
      zh: '请用 NTP 校准本机时间；容器的时间取自宿主机。',
    },
  )
}

const texts = {
  store: { en: 'store', zh: '会话存储' },
  port: { en: 'port', zh: '端口' },
  metricsPort: { en: 'metrics port', zh: '指标端口' },
  clock: { en: 'clock', zh: '时钟' },
  wechat: { en: 'WeChat', zh: '微信' },
  checkStore: {
    en: 'Check the path in SESSION_STORE, its owner and the space on its disk.',
    zh: '请检查 SESSION_STORE 的路径、所有者和磁盘空间。',
  },
  checkNetwork: {
    en: 'Check WECHAT_API, DNS and the firewall.',
    zh: '请检查 WECHAT_API、DNS 与防火墙。',
  },
  imitated: {
    en: 'imitated by the sandbox, since WECHAT_APPID is not set',
    zh: '未配置 WECHAT_APPID，由沙箱模拟',
  },
  taken: { en: 'takes the appid and its AppSecret', zh: '接受该 appid 与 AppSecret' },
}

const retry = {
  en: 'Try again in a minute; if it stays, check the network between here and WeChat.',
  zh: '请一分钟后重试；若仍失败，请检查本机到微信服务器的网络。',
}
const secret = {
  en: 'Copy the AppSecret again from the console (开发管理 - 开发设置). It changes with every reset there.',
  zh: '请从后台（开发管理 - 开发设置）重新复制 AppSecret；每次重置后它都会改变。',
}
const account = {
  en: 'Look in the console for what the account lacks: verification, or a penalty.',
  zh: '请在后台查看账号状态：是否未认证或被处罚。',
}
const frozen = { en: 'The account is frozen; see the console.', zh: '账号已被冻结，请查看后台。' }
const confirmAddress = {
  en: "The account's administrator has to confirm this machine's address in WeChat, and may have refused it.",
  zh: '须由账号管理员在微信中确认本机 IP，也可能已被拒绝。',
}

/** What to do about an errcode (WeChat docs, getStableAccessToken and the global return codes). */
const advice: Readonly<Record<string, Text>> = {
  40001: secret,
  40125: secret,
  41004: secret,
  40013: {
    en: 'Check WECHAT_APPID: it is that of the mini program (wx and 16 hex digits), not the original id (gh_...).',
    zh: '请检查 WECHAT_APPID：应为小程序的 appid（wx 加 16 位十六进制数），不是原始 ID（gh_...）。',
  },
  41002: { en: 'Check WECHAT_APPID: WeChat got none.', zh: '请检查 WECHAT_APPID：微信未收到。' },
  40164: {
    en: "Put this machine's address on the IP allow-list in the console (开发管理 - 开发设置 - IP白名单).",
    zh: '请把本机 IP 加入后台的白名单（开发管理 - 开发设置 - IP白名单）。',
  },
  40243: {
    en: 'The AppSecret is frozen in the console; unfreeze it there.',
    zh: 'AppSecret 已在后台被冻结，请在后台解冻。',
  },
  45009: {
    en: "The day's quota of calls is used up; it begins anew at midnight in China.",
    zh: '当日调用额度已用完，北京时间零点恢复。',
  },
  45011: {
    en: 'Too many calls in this minute; try again in the next.',
    zh: '本分钟内调用过于频繁，请稍后再试。',
  },
  48001: account,
  48004: account,
  50001: account,
  50002: account,
  50004: account,
  50007: frozen,
  61024: {
    en: 'This appid belongs to a third-party platform (component); set the appid of the mini program itself.',
    zh: '该 appid 属于第三方平台（component），请配置小程序自己的 appid。',
  },
  89501: confirmAddress,
  89502: confirmAddress,
  89503: confirmAddress,
  89506: confirmAddress,
  89507: confirmAddress,
}
