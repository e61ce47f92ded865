/** What the documentation page says by itself; what it quotes from the OpenAPI document is in docs-zh.ts. */
import type { Language } from '../config/language.js'

const en = {
  heading: 'routes and errors',
  skip: 'Skip to the content',
  contents: 'Contents',
  playground: 'Playground',
  top: 'Back to the top',
  language: '中文',
  credentials: 'Credentials',
  errors: 'Errors',
  forPrograms: 'For programs: ',
  takes: 'Takes',
  gives: 'Gives',
  fails: 'Fails with',
  orBasic: 'or Basic',
  body: 'Body: ',
  optional: 'optional',
  places: { path: 'path', query: 'query', header: 'header' },
  fillIn: 'Fill in first:',
  copy: 'Copy',
  copied: 'Copied',
  variables: {
    r3session: 'what a login gave',
    openid: 'the user, as in GET /v1/session',
    id: 'of a session in the list of the user',
    code: 'a fresh one of the mini program; it works once',
    encryptedData: 'as the wx function gave it',
    iv: 'from the same result',
    serviceKey: 'a key of the setting SERVICE_KEYS',
  } as Readonly<Record<string, string>>,
}

const zh: typeof en = {
  heading: '接口与错误',
  skip: '跳到正文',
  contents: '目录',
  playground: '演练场',
  top: '回到顶部',
  language: 'English',
  credentials: '凭证',
  errors: '错误',
  forPrograms: '供程序读取：',
  takes: '请求',
  gives: '响应',
  fails: '可能的错误',
  orBasic: '或 Basic',
  body: '正文：',
  optional: '可选',
  places: { path: '路径', query: '查询参数', header: '请求头' },
  fillIn: '请先填写：',
  copy: '复制',
  copied: '已复制',
  variables: {
    r3session: '登录得到的令牌',
    openid: '用户，同 GET /v1/session 的返回',
    id: '该用户会话列表中某个会话的 id',
    code: '小程序里新取得的 code，只能用一次',
    encryptedData: 'wx 接口返回的原值',
    iv: '取自同一次返回',
    serviceKey: '配置项 SERVICE_KEYS 中的一个密钥',
  },
}

export const docsTexts: Record<Language, typeof en> = { en, zh }
export type DocsTexts = typeof en
