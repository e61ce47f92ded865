import { expect } from 'chai'
import vectors from '../../fixtures/vectors.json' with { type: 'json' }
import { startService } from '../../support/service/start-service.js'
import { startFaultyServer, json as weixinAnswers } from '../../support/wechat/faulty-server.js'

describe('the official WXBizDataCrypt sample', () => {
  const sample = vectors.find(({ name }) => name === 'official-wxbizdatacrypt-userinfo')

  it('opens to its known JSON through the whole service', async () => {
    const { appId = '', sessionKey, encryptedData, iv, expected } = sample ?? {}
    const { openId, unionId } = expected as { openId: string; unionId: string }
    const weixin = await startFaultyServer()
    weixin.meets(weixinAnswers({ openid: openId, session_key: sessionKey, unionid: unionId }))
    const service = await startService({
      env: { WECHAT_API: weixin.url, WECHAT_APPID: appId, WECHAT_SECRET: 's', OPEN_DATA_MAX_AGE: '0' },
    })
    try {
      const { text: r3session } = await service.call('POST', '/user/getuserinfo', {
        body: '033aBcDefGhIjKlMnOpQrStUvWxYz012',
      })
      const opened = await service.send('POST', '/user/getuserunionid', {
        body: { r3session, encryptedData, iv },
      })
      expect(opened.status, opened.text).to.equal(200)
      expect(opened.json).to.deep.equal(expected)
      const { json } = await service.send('POST', '/v1/decrypt', {
        token: r3session,
        body: { encryptedData, iv },
      })
      expect(json['data']).to.deep.equal(expected)
    } finally {
      await service.close()
      await weixin.close()
    }
  })
})
