/** What the runner tells every rival, and how a rival says that it listens: by listening. */
const { PORT, STORE = ':memory:', WECHAT_API, WECHAT_APPID, WECHAT_SECRET, SERVICE_KEY } = process.env

export const port = Number(PORT)
export const host = '127.0.0.1'
export const store = STORE
export const wechatApi = WECHAT_API
export const appid = WECHAT_APPID
export const secret = WECHAT_SECRET
export const serviceKey = SERVICE_KEY

/** Sessions live for three days unused, as r3session's do by default. */
export const TTL = 259_200

/** The address of a login at WeChat. */
export const exchangeUrl = (code) =>
  `${wechatApi}/sns/jscode2session?${new URLSearchParams({
    appid,
    secret,
    js_code: code,
    grant_type: 'authorization_code',
  })}`
