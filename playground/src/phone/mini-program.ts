/** The mini program: what a developer writes with the client. Each `code` is what its `run` does, as the console shows it. */
import type { Client } from '@r3session/client'
import type { Wx } from '@r3session/wx-simulator'

/** What the mini program can do, one button each. */
export type ActionName = 'login' | 'userInfo' | 'phoneNumber' | 'api' | 'storage' | 'logout'

/** A button and what it does. */
export interface Action {
  readonly name: ActionName
  /** As the button quotes it. */
  readonly summary: string
  readonly code: string
  /** Run by the finger on the button: it must call `wx` at once where WeChat asks for a tap. */
  readonly run: () => Promise<unknown>
}

/** @param askForPhone has the user asked, and resolves to the code that the phone button gives; rejects when they refuse */
export function createMiniProgram(
  client: Client,
  wx: Wx,
  askForPhone: () => Promise<string>,
): readonly Action[] {
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
  ]
}
