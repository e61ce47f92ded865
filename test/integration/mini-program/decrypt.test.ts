import { expect } from 'chai'
import type { Sealed } from '#src/sandbox/index.js'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

const MINUTE = 60_000

describe('POST /v1/decrypt', () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService()
  })
  afterEach(() => service.close())
  const decrypt = (token: string, body: object) => service.send('POST', '/v1/decrypt', { token, body })

  it('opens user info, with every field WeChat put in', async () => {
    const token = await service.login('ann')
    const answer = await decrypt(token, await service.weixin.userInfo('ann'))
    expect(answer.status, answer.text).to.equal(200)
    const { data } = answer.json as { data: object }
    const { openid, unionid } = service.weixin.identity('ann')
    expect(data).to.include({ openId: openid, unionId: unionid, nickName: '微信用户' })
    expect(data).to.have.nested.property('watermark.appid', service.weixin.apps[0]?.appid)
  })

  it('opens phone numbers, share and run data', async () => {
    const token = await service.login('ann')
    const { weixin } = service
    const data = async (sealed: Sealed) => (await decrypt(token, sealed)).json['data']
    expect(await data(await weixin.phone('ann'))).to.have.all.keys(
      'phoneNumber',
      'purePhoneNumber',
      'countryCode',
      'watermark',
    )
    expect(await data(await weixin.share('ann'))).to.have.all.keys('openGId', 'watermark')
    expect(await data(await weixin.weRun('ann'))).to.have.all.keys('stepInfoList', 'watermark')
  })

  it('opens all the other kinds that WeChat seals, as it seals them', async () => {
    const token = await service.login('ann')
    const group = 'tGmadeUp0000000000000000001'
    const marked = [
      { msgTicket: `c${'Ticket-0_'.repeat(14)}~` },
      { dataList: [{ dataType: { type: 3 }, value: 0 }] },
      { KVDataList: [{ key: 'score', value: '7' }] },
      { kv_list: [{ key: '1', value: '7' }] },
      { phoneNumber: '13500000001', purePhoneNumber: '13500000001', countryCode: 86 },
      { nickName: '微信用户', gender: 0, avatarUrl: '' },
    ]
    const bare = [
      { opengid: group },
      { opengid: group, open_single_roomid: '', group_openid: `g${group}`, chat_type: 3 },
    ]
    for (const fields of marked) {
      const { status, json } = await decrypt(token, await service.weixin.seal('ann', fields))
      expect(status, JSON.stringify(fields)).to.equal(200)
      const watermark = {
        timestamp: Math.floor(service.time.now / 1000),
        appid: service.weixin.apps[0]?.appid,
      }
      expect(json['data']).to.deep.equal({ ...fields, watermark })
      const foreign = { ...fields, watermark: { ...watermark, appid: 'wx0000000000000000' } }
      expectProblem(await decrypt(token, await service.weixin.seal('ann', foreign)), 422, 'decrypt_failed')
      const none = { ...fields, watermark: null }
      expectProblem(await decrypt(token, await service.weixin.seal('ann', none)), 422, 'decrypt_failed')
    }
    for (const fields of bare) {
      const { json } = await decrypt(token, await service.weixin.seal('ann', { ...fields, watermark: null }))
      expect(json['data']).to.deep.equal(fields)
      expect((await decrypt(token, await service.weixin.seal('ann', fields))).status).to.equal(200)
      const foreign = { ...fields, watermark: { timestamp: 1, appid: 'wx0000000000000000' } }
      expectProblem(await decrypt(token, await service.weixin.seal('ann', foreign)), 422, 'decrypt_failed')
    }
  })

  it('opens the bare activity id of wx.authPrivateMessage, and no other text', async () => {
    const token = await service.login('ann')
    const activityId = `1151_${'activity-Id_0123'.repeat(5)}`
    const { status, json } = await decrypt(token, await service.weixin.seal('ann', activityId))
    expect(status).to.equal(200)
    expect(json).to.deep.equal({ data: { activityId } })
    for (const text of ['', 'text', `${activityId}x`, activityId.slice(2), `"${activityId}"`])
      expectProblem(
        await decrypt(token, await service.weixin.seal('ann', text)),
        422,
        'decrypt_failed',
        'relogin',
      )
  })

  it('ignores a signature that comes without rawData, as wx.getGameClubData sends it', async () => {
    const token = await service.login('ann')
    const sealed = await service.weixin.seal('ann', { dataList: [{ dataType: { type: 3 }, value: 0 }] })
    const answer = await decrypt(token, {
      ...sealed,
      signature: '0'.repeat(40),
      errMsg: 'getGameClubData:ok',
    })
    expect(answer.status, answer.text).to.equal(200)
  })

  it("does not open one user's data in another user's session", async () => {
    const [ann, bob] = [await service.login('ann'), await service.login('bob')]
    const { encryptedData, iv, ...signed } = await service.weixin.userInfo('bob')
    expectProblem(await decrypt(ann, { encryptedData, iv }), 422, 'decrypt_failed', 'relogin')
    expectProblem(await decrypt(ann, { encryptedData, iv, ...signed }), 422, 'signature_mismatch', 'relogin')
    expectProblem(await decrypt(bob, await service.weixin.phone('ann')), 422, 'decrypt_failed', 'relogin')
  })

  it('goes on opening data on device A after device B logged in and WeChat changed the key', async () => {
    const phone = await service.login('ann')
    const sealedBefore = await service.weixin.userInfo('ann')
    service.time.now += 10 * MINUTE
    const tablet = await service.login('ann')
    const sealedAfter = await service.weixin.userInfo('ann')
    for (const token of [phone, tablet]) {
      for (const sealed of [sealedBefore, sealedAfter])
        expect((await decrypt(token, sealed)).status).to.equal(200)
    }
  })

  it('opens data sealed before a wx.login that came in between, for 15 minutes', async () => {
    const token = await service.login('ann')
    const sealed = await service.weixin.phone('ann')
    service.weixin.rotateKey('ann')
    const renewed = await service.login('ann')
    service.time.now += 15 * MINUTE - 1
    expect((await decrypt(token, sealed)).status).to.equal(200)
    expect((await decrypt(renewed, sealed)).status).to.equal(200)
    service.time.now += 1
    expectProblem(await decrypt(token, sealed), 422, 'decrypt_failed')
  })

  it('asks for a new login when WeChat changed the key without our knowing', async () => {
    const token = await service.login('ann')
    service.weixin.rotateKey('ann')
    const sealed = await service.weixin.userInfo('ann')
    expectProblem(
      await decrypt(token, { encryptedData: sealed.encryptedData, iv: sealed.iv }),
      422,
      'decrypt_failed',
      'relogin',
    )
    const renewed = await service.login('ann')
    expect((await decrypt(renewed, sealed)).status).to.equal(200)
  })

  it('refuses data that is too old', async () => {
    const token = await service.login('ann')
    const sealed = await service.weixin.phone('ann')
    service.time.now += 60 * MINUTE
    expect((await decrypt(token, sealed)).status).to.equal(200)
    service.time.now += 1000
    expectProblem(await decrypt(token, sealed), 422, 'decrypt_failed')
  })

  it('checks rawData against signature first when both come, and neither alone', async () => {
    const token = await service.login('ann')
    const { encryptedData, iv, rawData, signature } = await service.weixin.userInfo('ann')
    expect((await decrypt(token, { encryptedData, iv, rawData, signature })).status).to.equal(200)
    const forged = rawData.replace('微信用户', '微信用尸')
    expectProblem(
      await decrypt(token, { encryptedData, iv, rawData: forged, signature }),
      422,
      'signature_mismatch',
      'relogin',
    )
    expectProblem(
      await decrypt(token, { encryptedData: 'x', iv, rawData, signature: '0' }),
      422,
      'signature_mismatch',
    )
    expect((await decrypt(token, { encryptedData, iv, rawData: forged })).status).to.equal(200)
    expect((await decrypt(token, { encryptedData, iv, signature: '0' })).status).to.equal(200)
  })

  it('repairs base64 that lost its pluses or was wrapped on the way', async () => {
    const token = await service.login('ann')
    const { encryptedData, iv } = await service.weixin.userInfo('ann')
    const spaced = { encryptedData: encryptedData.replaceAll('+', ' '), iv: iv.replaceAll('+', ' ') }
    const wrapped = { encryptedData: encryptedData.replace(/.{60}/g, '$&\r\n'), iv }
    expect((await decrypt(token, spaced)).status).to.equal(200)
    expect((await decrypt(token, wrapped)).status).to.equal(200)
    for (const lineBreak of ['\n    ', '\r\n\t', '\n \t \r\n  ']) {
      const indent = (text: string) => `${lineBreak}${text.replace(/.{12}/g, `$&${lineBreak}`)}${lineBreak}`
      const indented = { encryptedData: indent(encryptedData), iv: indent(iv) }
      expect((await decrypt(token, indented)).status, JSON.stringify(lineBreak)).to.equal(200)
    }
  })

  it('asks for credentials before it looks at the body', async () => {
    expectProblem(await service.call('POST', '/v1/decrypt', { body: '{' }), 401, 'unauthorized')
    expectProblem(await decrypt('0'.repeat(128), { encryptedData: '', iv: '' }), 401, 'invalid_session')
  })

  it('names the field that is missing or wrong', async () => {
    const token = await service.login()
    expect((await decrypt(token, { iv: '' })).json['detail']).to.equal(
      'The field encryptedData is missing. See /docs#error-invalid_request.',
    )
    expect((await decrypt(token, { encryptedData: '', iv: 1 })).json['detail']).to.equal(
      'The field iv is not of the right form. See /docs#error-invalid_request.',
    )
  })
})
