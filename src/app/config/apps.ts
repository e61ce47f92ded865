/** The mini programs: one by `WECHAT_APPID` and `WECHAT_SECRET`, or several by `WECHAT_APPS`. */
import * as z from 'zod'
import { blanks, type Rule, rule, rules } from './rules.js'

/** One mini program this service answers for. */
export interface App {
  readonly appid: string
  readonly secret: string
}

export const APPID = /^wx[0-9a-fA-F]{16}$/
const APP_SECRET = /^[0-9a-f]{32}$/i
const ANY_SECRET = /^[\x21-\x7e]{1,64}$/

const appidRule = rule(
  'must be wx and 16 hex digits, as the WeChat console shows it (not the original id, gh_...)',
  '须为 wx 加 16 位十六进制数，见微信公众平台后台（不是原始 ID gh_...）',
)
const secretRule = rule('must be 1 to 64 visible ASCII characters', '须为 1 至 64 个可见 ASCII 字符')
const swapped = rule(
  'is an AppSecret and WECHAT_SECRET an appid: the two are swapped',
  '填的是 AppSecret，而 WECHAT_SECRET 填的是 appid：两者写反了',
)
const secretIsAppid = rule('is an appid; it must be the AppSecret', '填的是 appid，应为 AppSecret')

/** What is wrong with an appid and its AppSecret, or with the one of them that is there. */
export function brokenApp({ appid, secret }: { appid?: string | undefined; secret?: string | undefined }): {
  appid?: Rule
  secret?: Rule
} {
  if (appid && secret && APP_SECRET.test(appid) && APPID.test(secret)) return { appid: swapped }
  const isAppid = secret !== undefined && APPID.test(secret)
  return {
    ...(appid !== undefined &&
      !APPID.test(appid) && { appid: APPID.test(appid.trim()) ? blanks : appidRule }),
    ...(isAppid && { secret: secretIsAppid }),
    ...(secret !== undefined &&
      !isAppid &&
      !ANY_SECRET.test(secret) && { secret: ANY_SECRET.test(secret.trim()) ? blanks : secretRule }),
  }
}

/** Its rules are said with their place in the list. */
const app = z.object({ appid: z.string(), secret: z.string() }).superRefine((app, context) => {
  for (const [field, { en, zh }] of Object.entries(brokenApp(app))) {
    const said = (text: string) => text.replace('WECHAT_SECRET', 'secret')
    context.addIssue({ code: 'custom', path: [field], params: { en: said(en), zh: said(zh) } })
  }
})

/** `[{appid, secret}]`, no appid twice. */
export const apps = z
  .string()
  .transform(parsedJson)
  .pipe(z.array(app).min(1))
  .refine((apps) => new Set(apps.map(({ appid }) => appid)).size === apps.length, {
    params: { en: 'names the same appid twice', zh: '中同一个 appid 出现了两次' },
  })
  .register(rules, {
    en: 'must be JSON like [{"appid":"...","secret":"..."}]',
    zh: '须为 JSON，形如 [{"appid":"...","secret":"..."}]',
  })

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
