import { expect } from 'chai'
import { startPhone } from '../support/page/service-phone.js'
import { startService } from '../support/service/start-service.js'
import { failureOf, phone } from './phone.js'

describe('the sealed data of the simulated phone', () => {
  const open: (() => Promise<void>)[] = []
  const start = async () => {
    const service = await startService()
    open.push(service.close)
    return startPhone(service)
  }
  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()))
  })

  it('getShareInfo, getWeRunData and getGroupEnterInfo give what the service opens', async () => {
    // WeChat: getShareInfo seals openGId, getWeRunData stepInfoList of 31 days, getGroupEnterInfo opengid in lower case
    const { wx, client } = await start()
    await client.login()
    wx.devtools.openFromGroup(true)
    const share = await wx.getShareInfo({ shareTicket: 'ticket' })
    expect(share).to.have.all.keys('encryptedData', 'iv', 'errMsg')
    expect(await client.decrypt(share)).to.have.property('openGId')
    const { stepInfoList } = await client.decrypt<{ stepInfoList: unknown[] }>(await wx.getWeRunData())
    expect(stepInfoList).to.have.length(31)
    const group = await client.decrypt(await wx.getGroupEnterInfo())
    expect(group).to.have.property('opengid')
    expect(group).not.to.have.property('watermark')
  })

  it('getWeRunData asks the user', async () => {
    const { wx, client } = await start()
    await client.login()
    wx.devtools.allow('scope.werun', false)
    expect(await failureOf(wx.getWeRunData())).to.deep.equal({ errMsg: 'getWeRunData:fail auth deny' })
    expect((await wx.getSetting()).authSetting).to.have.property('scope.werun', false)
  })

  it('getGroupEnterInfo fails unless the mini program was opened from a group', async () => {
    // WeChat: client errors 40097 scene
    const { wx, client } = await start()
    await client.login()
    expect(await failureOf(wx.getGroupEnterInfo())).to.deep.include({ errCode: 40097 })
  })

  it('nothing is sealed before a login', async () => {
    const { wx } = await start()
    for (const call of [wx.getShareInfo({ shareTicket: 'ticket' }), wx.getWeRunData()])
      expect((await failureOf(call)).errMsg).to.match(/:fail no live session_key/)
  })

  it('getShareInfo needs a ticket', async () => {
    expect((await failureOf(phone().getShareInfo({} as never))).errMsg).to.equal(
      'getShareInfo:fail parameter error: parameter.shareTicket should be String instead of Undefined;',
    )
  })
})
