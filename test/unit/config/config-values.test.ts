import { expect } from 'chai'
import { settings } from '#src/app/config/settings.js'
import { app, load, noFile, problems, WXA } from '../../support/service/settings.js'

describe('a value that can not be right', () => {
  const refused = (env: Record<string, string>, readFile = noFile) => {
    const found = problems(env, readFile)
    expect(found, JSON.stringify(env)).to.have.lengthOf(1)
    return found[0] ?? ''
  }

  it('is one in quotes, whatever the setting, also where it names a file or comes from one', () => {
    for (const name of Object.keys(settings).filter(
      (name) => name !== 'WECHAT_APPID' && name !== 'WECHAT_SECRET',
    )) {
      for (const value of ['"3000"', "'x'", '`x`', '“x”', '‘x’', '""']) {
        expect(refused({ [name]: value }), name).to.match(new RegExp(`^${name} has quotes around`))
        expect(refused({ [`${name}_FILE`]: value }), name).to.match(
          new RegExp(`^${name}_FILE has quotes around`),
        )
        expect(
          refused({ [`${name}_FILE`]: '/x' }, () => value),
          name,
        ).to.match(/has quotes around/)
      }
    }
    expect(refused({ ...app, WECHAT_APPID: `"${WXA}"` })).to.match(/^WECHAT_APPID has quotes around/)
    expect(refused({ ...app, WECHAT_SECRET: `'${app.WECHAT_SECRET}'` })).to.match(
      /^WECHAT_SECRET has quotes around/,
    )
    expect(problems({ WECHAT_APPID: `"${WXA}"` })).to.match(/WECHAT_APPID has quotes around/)
  })

  it('is an appid that is none', () => {
    const wrong = ['gh_0123456789ab', 'wx', 'wx0123', `${WXA}0`, 'wxgggggggggggggggg', `WX${WXA.slice(2)}`]
    for (const WECHAT_APPID of wrong) {
      expect(refused({ ...app, WECHAT_APPID })).to.match(/^WECHAT_APPID must be wx and 16 hex digits/)
      expect(refused({ WECHAT_APPS: JSON.stringify([{ appid: WECHAT_APPID, secret: 's' }]) })).to.match(
        /^WECHAT_APPS \[0\]\.appid must be wx and 16 hex digits/,
      )
    }
    expect(problems({ WECHAT_APPID: 'wx' })).to.have.lengthOf(2)
  })

  it('is an appid in the place of the AppSecret', () => {
    const swapped = { WECHAT_APPID: app.WECHAT_SECRET, WECHAT_SECRET: app.WECHAT_APPID }
    expect(refused(swapped)).to.match(/^WECHAT_APPID is an AppSecret and WECHAT_SECRET an appid/)
    expect(refused({ ...app, WECHAT_SECRET: WXA })).to.match(/^WECHAT_SECRET is an appid/)
    const listed = JSON.stringify([
      { appid: WXA, secret: 's' },
      { appid: app.WECHAT_SECRET, secret: app.WECHAT_APPID },
    ])
    expect(refused({ WECHAT_APPS: listed })).to.match(
      /^WECHAT_APPS \[1\]\.appid is an AppSecret and secret an appid/,
    )
  })

  it('is a life unused that is longer than the whole life, where somebody asked for it', () => {
    expect(refused({ SESSION_TTL: '61', SESSION_MAX_AGE: '60' })).to.equal(
      'SESSION_TTL must not be above SESSION_MAX_AGE',
    )
    expect(refused({ SESSION_TTL: '2592001' })).to.match(/SESSION_MAX_AGE, which is 2592000 where/)
    expect(load({ SESSION_TTL: '60', SESSION_MAX_AGE: '60' }).lifetime).to.deep.equal({
      ttl: 60_000,
      maxAge: 60_000,
    })
    expect(load({ SESSION_MAX_AGE: '60' }).lifetime).to.deep.equal({ ttl: 60_000, maxAge: 60_000 })
    expect(refused({ SESSION_TTL: '61', SESSION_MAX_AGE: 'x' })).to.match(/^SESSION_MAX_AGE/)
  })

  it('is a short secret, but for one that only opens what was sealed long ago', () => {
    expect(refused({ SESSION_SECRET: 'x'.repeat(31) })).to.match(
      /^SESSION_SECRET is shorter than 32 characters/,
    )
    expect(refused({ SESSION_SECRET: `short,${'x'.repeat(32)}` })).to.match(/shorter/)
    expect(load({ SESSION_SECRET: `${'x'.repeat(32)},short` }).sessionSecrets[1]).to.equal('short')
  })

  it('is a store of another kind, and the one that was meant is named', () => {
    const meant: Record<string, string> = {
      'data/x.db': 'sqlite:data/x.db',
      '/var/lib/x.db': 'sqlite:/var/lib/x.db',
      ':memory:': 'sqlite::memory:',
      'sqlite3:x.db': 'sqlite:x.db',
      'file:x.db': 'sqlite:x.db',
      'SQLITE:x.db': 'sqlite:x.db',
      'sqlite://x.db': 'sqlite:x.db',
      'sqlite:///data/x.db': 'sqlite:/data/x.db',
      'sqlite:data/': 'sqlite:data/sessions.db',
      'postgres://user:canary@db/x': 'sqlite:data/sessions.db',
      'mysql://canary': 'sqlite:data/sessions.db',
      'sqlite:~/x.db': 'sqlite:/home/me/sessions.db',
      'sqlite:$HOME/x.db': 'sqlite:/home/me/sessions.db',
    }
    for (const [given, right] of Object.entries(meant)) {
      expect(refused({ SESSION_STORE: given }), given).to.satisfy((text: string) =>
        text.endsWith(`did you mean ${right}?`),
      )
      expect(refused({ SESSION_STORE: given })).not.to.include('canary')
      expect(load({ SESSION_STORE: right }).store.kind).to.be.a('string')
    }
    expect(refused({ SESSION_STORE: 'sqlite: x.db' })).to.match(/must be sqlite:<path>/)
  })

  it('is a host with more than a host in it', () => {
    for (const HOST of ['http://0.0.0.0', '0.0.0.0:3000', '[::1]', 'a b', '-'])
      expect(refused({ HOST }), HOST).to.match(/^HOST must be an address or a host name/)
    for (const HOST of ['0.0.0.0', '::', '::1', 'localhost', 'my-host.example', 'a_b', 'x'])
      expect(load({ HOST }).host).to.equal(HOST)
  })

  it('is one that would be right without the blanks around it', () => {
    const { WECHAT_SECRET } = app
    for (const [name, value] of Object.entries({
      WECHAT_APPID: WXA,
      WECHAT_SECRET,
      PORT: '80',
      LOG_LEVEL: 'info',
    })) {
      for (const given of [` ${value}`, `${value}\t`, `\u3000${value}\u00a0`]) {
        expect(refused({ ...app, [name]: given })).to.match(
          new RegExp(`^${name} has blanks around its value`),
        )
      }
    }
    expect(refused({ PORT: ' x ' })).to.match(/^PORT must be a whole number/)
    expect(
      load({ WECHAT_APPS: ` [${JSON.stringify({ appid: WXA, secret: WECHAT_SECRET })}] ` }).apps,
    ).to.have.lengthOf(1)
  })

  it('is no text', () => {
    expect(refused({ LOG_LEVEL_FILE: '/x' }, () => '\uFFFD\uFFFDi\0n\0')).to.match(
      /^LOG_LEVEL is not UTF-8 text/,
    )
  })

  it('is not one with a byte order mark in front or the end of a line behind', () => {
    expect(load({ PORT: '\uFEFF80\r\n' }).port).to.equal(80)
    expect(
      load({ PORT_FILE: '\uFEFF/x\r' }, (path) => (path === '/x' ? '\uFEFF81\r\n' : noFile())).port,
    ).to.equal(81)
  })
})
