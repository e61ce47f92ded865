import { isIPv6 } from 'node:net'
import type { Config } from '../config/config.js'
import type { Language, Text } from '../config/language.js'
import type { ServiceLog } from './log.js'

/** Says that the service is there: three sentences to somebody at a terminal, otherwise log lines. */
export function announce(
  { log, isWatched, print }: Pick<ServiceLog, 'log' | 'isWatched' | 'print'>,
  {
    host,
    port,
    metricsPort,
    sandboxUrl,
    workers,
  }: {
    host: string
    port: number
    metricsPort?: number | undefined
    sandboxUrl?: string | undefined
    workers?: number
  },
  { warnings, language }: Pick<Config, 'warnings'> & { language: Language },
): void {
  const url = urlOf(host, port)
  for (const { en } of warnings) log.warn(en)
  if (isWatched) {
    const texts = greeting({ url, sandbox: sandboxUrl !== undefined })
    print(`\n${texts.map((text) => `  ${text[language]}\n`).join('')}\n`)
    return
  }
  if (sandboxUrl !== undefined) {
    log.warn(
      { weixin: sandboxUrl },
      'SANDBOX: no WECHAT_APPID is set, so WeChat is imitated and anybody can log in as anybody. Not for production.',
    )
  }
  log.info({ host, port, url, metricsPort, workers }, 'listening')
}

/** Where somebody on this machine finds the service. */
function urlOf(host: string, port: number): string {
  const everywhere = ['0.0.0.0', '::', '127.0.0.1', '::1'].includes(host)
  const name = everywhere ? 'localhost' : isIPv6(host) ? `[${host}]` : host
  return `http://${name}:${port}`
}

/** What a newcomer at a terminal wants to know: the address, who plays WeChat, what to do next. */
function greeting({ url, sandbox }: { url: string; sandbox: boolean }): readonly Text[] {
  if (sandbox) {
    return [
      { en: `r3session is listening at ${url}`, zh: `r3session 正在监听 ${url}` },
      {
        en: 'SANDBOX: WeChat is imitated and anybody can log in as anybody. Not for production.',
        zh: '沙箱模式：微信由内置模拟代替，任何人可以任何身份登录，请勿用于生产。',
      },
      {
        en: 'Next: open the address in a browser, or set WECHAT_APPID and WECHAT_SECRET to serve your mini program.',
        zh: '下一步：在浏览器中打开上述地址；或配置 WECHAT_APPID 与 WECHAT_SECRET，为您的小程序服务。',
      },
    ]
  }
  return [
    { en: `r3session is listening at ${url}`, zh: `r3session 正在监听 ${url}` },
    {
      en: 'It serves your mini program, with WeChat itself.',
      zh: '正式模式：连接微信服务器，为您的小程序服务。',
    },
    {
      en: `Next: check appid and AppSecret with: npx r3session doctor. The routes are described at ${url}/docs`,
      zh: `下一步：用 npx r3session doctor 检查 appid 与 AppSecret。接口说明见 ${url}/docs`,
    },
  ]
}
