import { createClient } from '@r3session/client'
import { expect } from 'chai'
import { type RunningService, startService } from '../support/service/start-service.js'
import { phone, webStorage } from './phone.js'

describe('the client on the simulated phone', () => {
  let service: RunningService

  beforeEach(async () => {
    service = await startService()
  })

  afterEach(() => service.close())

  it('the client works with the simulated wx: it logs in and decrypts user info', async () => {
    const wx = phone({ weixin: service.weixin.url })
    const client = createClient({ baseUrl: service.url, wx })
    await client.login()
    const { openId } = await client.decrypt(await wx.getUserInfo())
    expect(openId).to.equal(service.weixin.identity().openid)
  })

  it('the client finds its session after a restart of the mini program', async () => {
    const { storage } = webStorage()
    const start = () => {
      const wx = phone({ weixin: service.weixin.url, storage })
      return createClient({ baseUrl: service.url, wx })
    }
    await start().login()
    await start().session()
    expect(service.weixin.calls.filter(({ path }) => path === '/sns/jscode2session')).to.have.lengthOf(1)
  })
})
