import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { demoApp, SandboxError } from '#src/sandbox/index.js'
import { NOON, openSealed } from '../../support/service/start-sandbox.js'
import { club, opens, PHONE, shop, useSandboxes } from '../../support/service/use-sandboxes.js'

describe('what the sandbox seals', () => {
  const start = useSandboxes()

  it('userInfo gives what wx.getUserInfo gives since 2021: real ids, anonymous profile, genuine watermark', async () => {
    const { weixin, session } = await start()
    const { openid, unionid, session_key } = await session('anna')
    const info = await weixin.userInfo('anna')
    expect(info).to.have.all.keys('userInfo', 'rawData', 'signature', 'encryptedData', 'iv')
    expect(JSON.parse(info.rawData)).to.deep.equal(info.userInfo)
    expect(info.userInfo).to.deep.include({ nickName: '微信用户', gender: 0, city: '', is_demote: true })
    expect(info.userInfo).to.not.have.any.keys('openId', 'unionId', 'watermark')
    expect(info.signature).to.equal(sha1(info.rawData + session_key))
    const watermark = { timestamp: NOON / 1000, appid: demoApp.appid }
    const data = { openId: openid, ...info.userInfo, unionId: unionid, watermark }
    const text = openSealed(info, session_key)
    expect(JSON.parse(text)).to.deep.equal(data)
    expect(text.startsWith('{"openId":"o')).to.equal(true)
  })

  it('userInfo seals no unionId where the app is not bound', async () => {
    const { weixin, session } = await start({ apps: [shop] })
    const { session_key } = await session()
    expect(JSON.parse(openSealed(await weixin.userInfo(), session_key))).to.not.have.property('unionId')
  })

  it('userInfo takes a profile as users had one before 2021', async () => {
    const { weixin, session } = await start()
    const { session_key } = await session('anna')
    const profile = { nickName: 'Anna', gender: 2, city: '广州' }
    const info = await weixin.userInfo('anna', { profile })
    expect(info.userInfo)
      .to.include({ ...profile, country: '' })
      .and.not.have.property('is_demote')
    expect(info.signature).to.equal(sha1(info.rawData + session_key))
    expect(JSON.parse(openSealed(info, session_key))).to.include(profile)
  })

  it('sealed data has another iv each time', async () => {
    const { weixin } = await start()
    const first = await weixin.userInfo()
    const second = await weixin.userInfo()
    expect(first.iv).to.not.equal(second.iv)
    expect(first.encryptedData).to.not.equal(second.encryptedData)
  })

  it('sealing makes a key for a user who never logged in, and the next login finds it', async () => {
    const { weixin, session } = await start()
    const info = await weixin.userInfo('new')
    expect(opens(info, (await session('new')).session_key)).to.equal(true)
  })

  it('the sandbox seals phone numbers, groups and steps', async () => {
    const { weixin, post, session, stableToken } = await start()
    const { session_key } = await session('anna')
    const watermark = { timestamp: NOON / 1000, appid: demoApp.appid }
    const phone = await weixin.phone('anna')
    expect(phone).to.have.all.keys('encryptedData', 'iv', 'code')
    const access_token = await stableToken()
    const { phone_info } = (await post(PHONE, { code: phone.code }, { access_token })).json
    expect(JSON.parse(openSealed(phone, session_key))).to.deep.equal(phone_info)

    const share = JSON.parse(openSealed(await weixin.share('anna'), session_key))
    expect(share).to.have.all.keys('openGId', 'watermark')
    expect(share.openGId).to.match(/^tG[\w-]{26}$/)
    const run = JSON.parse(openSealed(await weixin.weRun('anna'), session_key))
    expect(run).to.have.all.keys('stepInfoList', 'watermark')
    expect(run.stepInfoList).to.have.length(31)
    expect([share.watermark, run.watermark]).to.deep.equal([watermark, watermark])
  })

  it('the sandbox seals any data, with a watermark unless it brings one', async () => {
    const { weixin, session } = await start({ apps: [shop, club] })
    const { session_key } = await session('anna', club)
    const opened = async (data: object) =>
      JSON.parse(openSealed(await weixin.seal('anna', data, { appid: club.appid }), session_key))
    const watermark = { timestamp: NOON / 1000, appid: club.appid }
    expect(await opened({ a: [1] })).to.deep.equal({ a: [1], watermark })
    expect(await opened({ watermark: { appid: 'wx' } })).to.deep.equal({ watermark: { appid: 'wx' } })
    expect(await opened({ a: 1, watermark: undefined })).to.deep.equal({ a: 1 })
    expect(await opened({ a: 1, watermark: null })).to.deep.equal({ a: 1 })
  })

  it('the sandbox seals a bare text as it stands', async () => {
    const { weixin, post, session } = await start()
    const { session_key } = await session('anna')
    for (const text of ['1151_x', '{"watermark":null}', '']) {
      expect(openSealed(await weixin.seal('anna', text), session_key)).to.equal(text)
      const { json } = await post('/sandbox/seal', { user: 'anna', data: text })
      expect(openSealed(json, session_key)).to.equal(text)
    }
  })

  it('the sandbox refuses bad names and unknown apps', async () => {
    const { weixin } = await start()
    const failures = [
      weixin.login(''),
      weixin.userInfo('x'.repeat(65)),
      weixin.phoneCode('anna', { appid: 'wx' }),
      weixin.phone('anna', { appid: 'constructor' }),
    ]
    for (const failure of failures) {
      expect(await failure.catch((error) => error)).to.be.instanceOf(SandboxError)
    }
    expect(() => weixin.rotateKey('')).to.throw(SandboxError)
    expect(() => weixin.block('')).to.throw(SandboxError)
  })
})

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}
