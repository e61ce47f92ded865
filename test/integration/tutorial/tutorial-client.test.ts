import { expect } from 'chai'
import { type RunningService, startService } from '../../support/service/start-service.js'

describe("the tutorial's client, to the letter", () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService()
  })
  afterEach(() => service.close())

  interface RequestOptions {
    url: string
    data: unknown
    method?: string
    success: (res: { data: unknown; statusCode: number }) => void
  }

  /** `wx.request` as WeChat's base library does it: JSON is the default type, and a GET's data go to the query. */
  async function wxRequest({ url, data, method = 'GET', success }: RequestOptions) {
    const text = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value))
    const headers = { 'content-type': 'application/json' }
    const query = new URLSearchParams(
      Object.entries(data as object).map(([key, value]): [string, string] => [key, text(value)]),
    )
    const response =
      method === 'GET'
        ? await fetch(`${url}?${query}`, { headers })
        : await fetch(url, { method, headers, body: text(data) })
    const body = await response.text()
    let parsed: unknown = body
    try {
      parsed = JSON.parse(body)
    } catch {
      // wx.request hands out text that is no JSON as it is.
    }
    success({ data: parsed, statusCode: response.status })
  }

  it('logs in and gets its user decrypted, as it did in 2017', async () => {
    const storage = new Map<string, unknown>()
    const r = await service.weixin.login('ann')
    await wxRequest({
      url: `${service.url}/user/getuserinfo`,
      data: r.code,
      method: 'POST',
      success: (res) => storage.set('r3session', res.data),
    })
    const userInfo = await service.weixin.userInfo('ann')
    let console_log: unknown
    await wxRequest({
      url: `${service.url}/user/getuserunionid`,
      data: { ...userInfo, errMsg: 'getUserInfo:ok', r3session: storage.get('r3session') },
      success: (res) => {
        console_log = res.data
      },
    })
    expect(console_log).to.include({ openId: service.weixin.identity('ann').openid, nickName: '微信用户' })
  })
})
