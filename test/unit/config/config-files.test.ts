import { expect } from 'chai'
import { problems, WXA } from '../../support/service/settings.js'

describe('a file that can not be read', () => {
  it('is explained, and what is missing because of it is no second complaint', () => {
    const reasons = {
      ENOENT: 'there is none',
      EISDIR: 'it is a directory',
      EACCES: 'permission denied',
      EIO: 'EIO',
    }
    for (const [code, reason] of Object.entries(reasons)) {
      const readFile = () => {
        throw Object.assign(new Error('secret-path'), { code })
      }
      const expected = (name: string) => [`${name}_FILE names a file that can't be read: ${reason}`]
      const secret = { WECHAT_APPID: WXA, WECHAT_SECRET_FILE: '/x', NODE_ENV: 'production' }
      expect(problems(secret, readFile)).to.deep.equal(expected('WECHAT_SECRET'))
      const appid = { WECHAT_APPID_FILE: '/x', WECHAT_SECRET: 's', NODE_ENV: 'production' }
      expect(problems(appid, readFile)).to.deep.equal(expected('WECHAT_APPID'))
      expect(problems({ WECHAT_APPS_FILE: '/x', NODE_ENV: 'production' }, readFile)).to.deep.equal(
        expected('WECHAT_APPS'),
      )
      for (const name of [
        'PORT',
        'SESSION_TTL',
        'SESSION_MAX_AGE',
        'SESSION_STORE',
        'SERVICE_KEYS',
        'LOG_LEVEL',
        'HOST',
      ])
        expect(problems({ [`${name}_FILE`]: '/x' }, readFile)).to.deep.equal(expected(name))
    }
  })
})
