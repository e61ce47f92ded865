/// <reference types="miniprogram-api-typings" />
import type { Wx } from '@r3session/wx-simulator'
import { expect } from 'chai'
import { phone } from './phone.js'

/** These lack the `cloudID` of cloud apps, and `navigateTo` the channel to a page, since there is none. */
type Less =
  | 'getUserInfo'
  | 'getUserProfile'
  | 'getShareInfo'
  | 'getWeRunData'
  | 'getGroupEnterInfo'
  | 'navigateTo'

/** WeChat's functions as its typings have them. */
type Typed = Pick<WechatMiniprogram.Wx, Exclude<keyof Wx, 'devtools' | Less>>

describe("the simulated wx, beside WeChat's own typings", () => {
  // The compiler checks these tests.
  it("the simulated wx has the types that WeChat's typings require", async () => {
    const miniProgram = async (wx: Typed): Promise<string> => {
      wx.setStorageSync('key', 'value')
      const { data } = await wx.getStorage<string>({ key: 'key' })
      return data
    }
    expect(await miniProgram(phone())).to.equal('value')
  })

  it('the simulated wx accepts callbacks with the types of WeChat’s typings', () => {
    const fits = (
      wx: Wx,
      options: {
        getUserInfo: WechatMiniprogram.GetUserInfoOption
        getUserProfile: WechatMiniprogram.GetUserProfileOption
        getShareInfo: WechatMiniprogram.GetShareInfoOption
        getWeRunData: WechatMiniprogram.GetWeRunDataOption
        getGroupEnterInfo: WechatMiniprogram.GetGroupEnterInfoOption
        navigateTo: WechatMiniprogram.NavigateToOption
        request: WechatMiniprogram.RequestOption
      },
    ): unknown[] => [
      wx.getUserInfo(options.getUserInfo),
      wx.getUserProfile(options.getUserProfile),
      wx.getShareInfo(options.getShareInfo),
      wx.getWeRunData(options.getWeRunData),
      wx.getGroupEnterInfo(options.getGroupEnterInfo),
      wx.navigateTo(options.navigateTo),
      wx.request(options.request),
    ]
    expect(fits).to.be.a('function')
  })

  it('the results of the simulated wx are typed', async () => {
    const wx = phone()
    wx.setStorageSync('key', 7)
    const { data }: { data: number } = await wx.getStorage<number>({ key: 'key' })
    const sync: number = wx.getStorageSync<number>('key')
    const nothing: undefined = wx.getStorage({ key: 'key', success: ({ data }) => expect(data).to.equal(7) })
    expect([data, sync, nothing]).to.deep.equal([7, 7, undefined])
    const wrong = () => [
      // @ts-expect-error
      wx.setStorage({ data: 1 }),
      // @ts-expect-error
      wx.login({ success: 7 }),
    ]
    expect(wrong).to.be.a('function')
  })
})
