import { expect } from 'chai'
import { startService } from '../../support/service/start-service.js'

const key = 'audit-key-0123456789abcdef0123456789ab'

describe('the audit of a user', () => {
  it('has one pseudonym for all that was done, and the log nowhere their openid or session id', async () => {
    const service = await startService({ env: { SERVICE_KEYS: `billing:${key}` } })
    try {
      const { send, weixin, lines } = service
      const token = await service.login('ann')
      const body = { ...(await weixin.userInfo('ann')), iv: Buffer.alloc(16).toString('base64') }
      await send('POST', '/v1/decrypt', { token, body })
      await send('POST', '/v1/phone-number', { token, body: await weixin.phoneCode('ann') })
      await send('POST', '/v1/session/reset-key', { token })
      const { openid } = weixin.identity('ann')
      const list = await send('GET', `/v1/users/${openid}/sessions`, { token: key })
      await send('DELETE', '/v1/session', { token })
      await send('DELETE', `/v1/users/${openid}`, { token: key })
      await service.login('bob')

      const audit = lines
        .filter((line) => 'did' in line)
        .map((line) => ({ ...line }) as Record<string, unknown>)
      expect(audit.map(({ did }) => did)).to.deep.equal([
        'log in',
        'refuse sealed data',
        'get phone number',
        'replace session_key',
        'log out',
        'forget user',
        'log in',
      ])
      const [first, ...others] = audit.map(({ user }) => user)
      const bob = others.pop()
      for (const user of others) expect(user).to.equal(first)
      expect(bob).not.to.equal(first)

      const log = JSON.stringify(lines)
      const [{ id }] = list.json['sessions'] as [{ id: string }]
      for (const secret of [openid, id, weixin.identity('bob').openid]) expect(log).not.to.include(secret)
    } finally {
      await service.close()
    }
  })
})
