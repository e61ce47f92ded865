/** package.test.ts compiles this with WeChat's own types. They are kept apart, because they change globals. */
import { type Answer, createClient, R3SessionError, type Wx } from '@r3session/client'
import { createWx } from '@r3session/wx-simulator'

const baseUrl = 'https://login.example.com'

// WeChat's `wx` and the simulator's `wx`, without a cast.
export const client = createClient({ baseUrl, wx })
export const simulated = createClient({ baseUrl, wx: createWx({ appid: 'wx1', weixin: baseUrl }) })
export const anyWx: Wx = wx

// Complete results and events of WeChat.
export async function onTap(
  event: WechatMiniprogram.CustomEvent<{ code?: string }>,
): Promise<string | undefined> {
  const result = await wx.getUserInfo({})
  const { openId } = await client.decrypt<{ openId: string }>(result)
  const { phoneNumber } = await client.phoneNumber(event.detail.code)
  const answer: Answer<{ orders: string[] }> = await client.request({ url: '/orders', dataType: 'json' })
  return answer.data.orders.find((order) => order === openId + phoneNumber)
}

export async function onSimulatedTap(): Promise<unknown> {
  return simulated.decrypt(await createWx({ appid: 'wx1', weixin: baseUrl }).getUserInfo())
}

// The tasks of WeChat, and what a page gives to `guard`.
export const inCloud = createClient({
  wx,
  container: { env: 'prod-1', service: 'r3session', cloud: wx.cloud },
})

export async function transfers(filePath: string): Promise<WechatMiniprogram.SocketTask> {
  const upload = client.uploadFile({ url: '/a', filePath, name: 'file' })
  upload.onProgressUpdate(({ progress, totalBytesSent }) => [progress, totalBytesSent])
  const { data }: { data: string } = await upload
  const { tempFilePath } = await client.downloadFile({ url: `/${data}` })
  const { phone } = await client.login({ phoneCode: tempFilePath })
  const number: string = phone && 'phoneNumber' in phone ? phone.phoneNumber : ''
  return client.connectSocket<WechatMiniprogram.SocketTask>({ url: '/chat', protocols: [number] })
}

Page({
  data: { failed: '' },
  onLoad: client.guard(
    async (query: Record<string, string | undefined>) => void query['id'],
    function (this: { setData(data: object): void }, error) {
      this.setData({ failed: error.action })
    },
  ),
})

export function advice(error: unknown): string {
  if (!(error instanceof R3SessionError)) return 'not ours'
  switch (error.action) {
    case 'relogin':
    case 'retry':
    case 'fix_request':
    case 'contact_operator':
    case 'none':
      return error.code
  }
}

// @ts-expect-error: a misspelt option is an error
export const misspelt = client.request({ url: '/orders', methd: 'POST' })
// @ts-expect-error: wx is required
export const withoutWx = createClient({ baseUrl })
