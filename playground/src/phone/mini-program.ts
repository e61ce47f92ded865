/** The mini program, as a developer writes it with the client. Each `code` shows in the console what its `run` does. */
import type { Client } from '@r3session/client'
import type { Wx } from '@r3session/wx-simulator'

/** The actions of the mini program. Each has a button. */
export type ActionName =
  | 'login'
  | 'userInfo'
  | 'phoneNumber'
  | 'api'
  | 'pay'
  | 'storage'
  | 'logout'
  | 'forget'

/** A button and what it does. */
export interface Action {
  readonly name: ActionName
  /** The code on the button, shortened. */
  readonly summary: string
  readonly code: string
  /** Runs on a tap. If WeChat requires a tap for a function, `run` must call it synchronously. */
  readonly run: () => Promise<unknown>
}

/** What the shop gives for `wx.requestVirtualPayment`. */
export interface Order {
  readonly mode: 'short_series_goods'
  readonly signData: string
  readonly paySig: string
  readonly signature: string
}

/**
 * @param askForPhone asks the user and resolves to the code of the phone button; rejects if they refuse
 * @param pay has the user pay; rejects as `wx.requestVirtualPayment` fails
 */
export function createMiniProgram(
  client: Client,
  wx: Wx,
  askForPhone: () => Promise<string>,
  pay: (order: Order) => Promise<unknown>,
): readonly Action[] {
  const order = async () => (await client.request<Order>({ url: '/sandbox/order', method: 'POST' })).data
  const orderAndPay = async () => pay(await order())
  return [
    {
      name: 'login',
      summary: 'client.login()',
      code: 'await client.login()',
      run: () => client.login(),
    },
    {
      name: 'userInfo',
      summary: 'client.decrypt(…)',
      code: 'await client.login()\nconst sealed = await wx.getUserInfo()\nawait client.decrypt(sealed)',
      async run() {
        await client.login()
        return client.decrypt(await wx.getUserInfo())
      },
    },
    {
      name: 'phoneNumber',
      summary: 'client.phoneNumber(…)',
      code: '// <button open-type="getPhoneNumber">\nawait client.phoneNumber(event.detail.code)',
      run: async () => client.phoneNumber(await askForPhone()),
    },
    {
      name: 'api',
      summary: 'client.request(…)',
      code: "await client.request({ url: '/sandbox/api' })",
      run: async () => (await client.request({ url: '/sandbox/api' })).data,
    },
    {
      name: 'pay',
      summary: "buy('book')",
      code: `const { data: order } = await client.request({ url: '/sandbox/order', method: 'POST' })
await pay(order) // wx.requestVirtualPayment
await client.request({ url: '/sandbox/order' })`,
      async run() {
        await orderAndPay().catch(async (failure) => {
          // WeChat has replaced the session_key, and nobody knew: the service finds out, and has the phone log in.
          if (![-15005, -15007].includes(failure.errCode)) throw failure
          await client.request({ url: '/v1/session/check', method: 'POST' })
          return orderAndPay()
        })
        return (await client.request({ url: '/sandbox/order' })).data
      },
    },
    {
      name: 'storage',
      summary: 'wx.getStorageInfo()',
      code: 'await wx.getStorageInfo()',
      run: async () => wx.getStorageInfo(),
    },
    {
      name: 'logout',
      summary: 'client.logout()',
      code: 'await client.logout()',
      run: () => client.logout(),
    },
    {
      name: 'forget',
      summary: 'DELETE …/account',
      code: "await client.request({ url: '/sandbox/account', method: 'DELETE' })",
      run: async () => (await client.request({ url: '/sandbox/account', method: 'DELETE' })).data,
    },
  ]
}
