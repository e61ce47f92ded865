import { expect } from 'chai'
import { failureOf, phone } from '../phone.js'

describe('what the user of the simulated phone allows', () => {
  it('getSetting lists what was asked for; user info is always granted', async () => {
    // WeChat: since 2021-04-28 scope.userInfo is always granted; getSetting lists only what was asked for (typings)
    const wx = phone()
    expect(await wx.getSetting()).to.deep.equal({
      authSetting: { 'scope.userInfo': true },
      errMsg: 'getSetting:ok',
    })
    await wx.authorize({ scope: 'scope.userLocation' })
    expect((await wx.getSetting()).authSetting).to.deep.equal({
      'scope.userInfo': true,
      'scope.userLocation': true,
    })
  })

  it('authorize remembers the answer, until the user changes it in the settings', async () => {
    // WeChat: authorize asks once; if the user has allowed it before, it succeeds without a dialog (typings)
    const wx = phone()
    wx.devtools.allow('scope.record', false)
    expect((await wx.getSetting()).authSetting).not.to.have.property('scope.record')
    for (let asked = 0; asked < 2; asked++)
      expect(await failureOf(wx.authorize({ scope: 'scope.record' }))).to.deep.equal({
        errMsg: 'authorize:fail auth deny',
      })
    expect((await wx.getSetting()).authSetting).to.have.property('scope.record', false)
    wx.devtools.allow('scope.record', true)
    expect(await wx.authorize({ scope: 'scope.record' })).to.deep.equal({ errMsg: 'authorize:ok' })
  })

  it('authorize refuses what is no scope', async () => {
    // WeChat: parameter error: parameter.key should be String instead of Undefined;
    const wx = phone()
    expect((await failureOf(wx.authorize({} as never))).errMsg).to.equal(
      'authorize:fail parameter error: parameter.scope should be String instead of Undefined;',
    )
    expect((await failureOf(wx.authorize({ scope: 'scope.moon' }))).errMsg).to.match(
      /^authorize:fail invalid/,
    )
    expect(() => wx.devtools.allow('scope.moon', true)).to.throw(TypeError, 'scope.moon')
  })

  it('user info is refused in both when the user refuses it', async () => {
    const wx = phone()
    wx.devtools.allowUserInfo(false)
    expect((await wx.getSetting()).authSetting).to.deep.equal({ 'scope.userInfo': false })
    expect(await failureOf(wx.authorize({ scope: 'scope.userInfo' }))).to.have.property(
      'errMsg',
      'authorize:fail auth deny',
    )
    wx.devtools.allow('scope.userInfo', true)
    expect((await wx.getSetting()).authSetting).to.deep.equal({ 'scope.userInfo': true })
  })

  it('getSetting fails when it is called too often', async () => {
    // WeChat: at most 4 per second and user for login, checkSession, getSetting, getUserInfo, getUserProfile
    const wx = phone({ callsPerSecond: 4, clock: () => 0 })
    for (let call = 0; call < 4; call++) await wx.getSetting()
    expect((await failureOf(wx.getSetting())).errMsg).to.match(/^getSetting:fail/)
  })
})
