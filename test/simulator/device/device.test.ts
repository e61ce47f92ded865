import { expect } from 'chai'
import { APPID, phone } from '../phone.js'

describe('what the simulated wx tells of the phone', () => {
  it('getAccountInfoSync gives the appid and the version of a mini program in development', () => {
    // WeChat: miniProgram {appId, envVersion: develop | trial | release, version}; version only in a release; plugin
    // only in a plugin (typings)
    const { miniProgram, ...rest } = phone().getAccountInfoSync()
    expect(miniProgram).to.deep.equal({ appId: APPID, envVersion: 'develop', version: '' })
    expect(rest).to.deep.equal({})
    const trial = phone({ device: { envVersion: 'trial' } })
    expect(trial.getAccountInfoSync().miniProgram.envVersion).to.equal('trial')
  })

  it('getSystemInfoSync has all that its successors tell, as they tell it', async () => {
    // WeChat: getSystemInfo is replaced by getSystemSetting, getAppAuthorizeSetting, getDeviceInfo, getWindowInfo,
    // getAppBaseInfo (typings)
    const wx = phone()
    const all = wx.getSystemInfoSync()
    const { screenTop, ...window } = wx.getWindowInfo()
    const { platform, model, brand, system, benchmarkLevel } = wx.getDeviceInfo()
    const { SDKVersion, version, language, theme, host, fontSizeSetting } = wx.getAppBaseInfo()
    expect(all).to.deep.include({
      ...window,
      ...wx.getSystemSetting(),
      ...{ platform, model, brand, system, benchmarkLevel },
      ...{ SDKVersion, version, language, theme, host, fontSizeSetting },
    })
    expect(await wx.getSystemInfo()).to.deep.equal({ ...all, errMsg: 'getSystemInfo:ok' })
    expect(all).to.include({ platform: 'devtools', locationAuthorized: true })
    expect(wx.getAppAuthorizeSetting()).to.include({ locationAuthorized: 'authorized' })
  })

  it('the phone can be another one', () => {
    const wx = phone({ device: { platform: 'ios', screenHeight: 667, statusBarHeight: 20, language: 'en' } })
    expect(wx.getSystemInfoSync()).to.include({ platform: 'ios', screenHeight: 667, language: 'en' })
    expect(wx.getWindowInfo().safeArea).to.deep.equal({
      left: 0,
      right: 390,
      top: 20,
      bottom: 633,
      width: 390,
      height: 613,
    })
    expect(wx.getDeviceInfo()).to.include({ platform: 'ios', brand: 'devtools' })
    expect(wx.getDeviceInfo()).not.to.have.any.keys('language', 'screenHeight')
  })

  it('what is given is a copy', () => {
    const wx = phone({ extConfig: { shop: { id: 7 } } })
    Object.assign(wx.getSystemSetting(), { wifiEnabled: false })
    Object.assign(wx.getExtConfigSync()['shop'] as object, { id: 8 })
    expect([wx.getSystemSetting().wifiEnabled, wx.getExtConfigSync()]).to.deep.equal([
      true,
      { shop: { id: 7 } },
    ])
  })

  it('getExtConfigSync gives what a third party has set, or nothing', async () => {
    expect(phone().getExtConfigSync()).to.deep.equal({})
    expect(await phone({ extConfig: { shop: 7 } }).getExtConfig()).to.deep.equal({
      extConfig: { shop: 7 },
      errMsg: 'getExtConfig:ok',
    })
  })

  it('canIUse is true for the functions of the simulator and for its button, and false for all else', () => {
    const wx = phone()
    for (const schema of ['login', 'getSystemInfoSync.return.safeArea', 'request.object.method', 'canIUse'])
      expect(wx.canIUse(schema), schema).to.equal(true)
    expect(wx.canIUse('button.open-type.getPhoneNumber')).to.equal(true)
    for (const schema of ['scanCode', 'toString', '', 'devtools', 'button.open-type.share', 'map', undefined])
      expect(wx.canIUse(schema as string), String(schema)).to.equal(false)
  })

  it('onThemeChange tells of a change of the theme, to each listener that is there', async () => {
    // WeChat: onThemeChange gives {theme: dark | light}; offThemeChange without a listener removes all (typings)
    const wx = phone()
    const heard: string[] = []
    const one = ({ theme }: { theme: string }) => heard.push(`one ${theme}`)
    wx.onThemeChange(one)
    wx.onThemeChange(({ theme }) => heard.push(`two ${theme}`))
    wx.devtools.setTheme('light')
    wx.devtools.setTheme('dark')
    expect(heard).to.deep.equal([])
    await Promise.resolve()
    expect(heard).to.deep.equal(['one dark', 'two dark'])
    expect([wx.getAppBaseInfo().theme, wx.getSystemInfoSync().theme]).to.deep.equal(['dark', 'dark'])
    wx.offThemeChange(one)
    wx.devtools.setTheme('light')
    await Promise.resolve()
    wx.offThemeChange()
    wx.devtools.setTheme('dark')
    await Promise.resolve()
    expect(heard).to.deep.equal(['one dark', 'two dark', 'two light'])
  })
})
