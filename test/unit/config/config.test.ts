import { expect } from 'chai'
import { ConfigError } from '#src/app/config/config.js'
import { app, load, noFile, problems, WXA, WXB } from '../../support/service/settings.js'

describe('the settings', () => {
  it('have defaults that start the sandbox', () => {
    expect(load({})).to.deep.include({
      host: '127.0.0.1',
      port: 3000,
      apps: [],
      wechatApi: 'https://api.weixin.qq.com',
      wechatTimeout: 5000,
      store: { kind: 'sqlite', path: 'data/sessions.db' },
      lifetime: { ttl: 259_200_000, maxAge: 2_592_000_000 },
      sessionSecrets: [],
      openDataMaxAge: 3_600_000,
      logLevel: 'info',
    })
  })

  it('give metrics a port of their own, which is not that of the service', () => {
    expect(load({}).metricsPort).to.equal(undefined)
    expect(load({ METRICS_PORT: '9464' }).metricsPort).to.equal(9464)
    for (const port of ['0', '65536', 'x', '-1']) expect(problems({ METRICS_PORT: port })).to.have.lengthOf(1)
    expect(problems({ METRICS_PORT: '3000' })).to.deep.equal(['METRICS_PORT must be another port than PORT'])
    expect(problems({ METRICS_PORT: '3000', PORT: 'x' })).to.have.lengthOf(1)
    // Kubernetes, of a service that is called metrics.
    expect(load({ METRICS_PORT: 'tcp://10.0.0.1:9090' })).to.deep.include({
      metricsPort: undefined,
      warnings: [],
    })
  })

  it('count an empty variable as unset', () => {
    expect(load({ PORT: '', SESSION_TTL: '', WECHAT_APPID: '' })).to.deep.include({ port: 3000, apps: [] })
  })

  it('name one mini program, or several', () => {
    expect(load(app).apps).to.deep.equal([{ appid: app.WECHAT_APPID, secret: app.WECHAT_SECRET }])
    const several = [
      { appid: WXA, secret: 's1' },
      { appid: WXB, secret: 's2' },
    ]
    expect(load({ WECHAT_APPS: JSON.stringify(several) }).apps).to.deep.equal(several)
  })

  it('refuse half a mini program, both forms at once, and broken lists', () => {
    expect(problems({ WECHAT_APPID: WXA })).to.match(/WECHAT_SECRET is missing/)
    expect(problems({ WECHAT_SECRET: 's' })).to.match(/WECHAT_APPID is missing/)
    expect(problems({ ...app, WECHAT_APPS: `[{"appid":"${WXA}","secret":"b"}]` })).to.match(/both set/)
    expect(problems({ ...app, WECHAT_SECRET: 'with space' })).to.match(/visible ASCII/)
    for (const list of [
      'x',
      '{}',
      '[]',
      '[null]',
      '[1]',
      '[{"appid":"a"}]',
      '[{"appid":"a","secret":" "}]',
    ]) {
      expect(problems({ WECHAT_APPS: list }), list).to.have.lengthOf(1)
    }
    expect(
      problems({ WECHAT_APPS: `[{"appid":"${WXA}","secret":"b"},{"appid":"${WXA}","secret":"c"}]` }),
    ).to.match(/twice/)
  })

  it('do not start the sandbox in production', () => {
    expect(problems({ NODE_ENV: 'production' })).to.match(/WECHAT_APPID is missing/)
    expect(problems({ NODE_ENV: 'production', PORT: 'x' })).to.have.lengthOf(2)
    expect(problems({ NODE_ENV: 'production', WECHAT_APPID: WXA })).to.have.lengthOf(1)
    expect(problems({ NODE_ENV: 'production', ...app })).to.deep.equal([])
  })

  it('send the AppSecret to WeChat or to this machine only', () => {
    const api = (url: string) => load({ WECHAT_API: url }).wechatApi
    expect(api('https://api2.weixin.qq.com')).to.equal('https://api2.weixin.qq.com')
    expect(api('http://127.0.0.1:8080/')).to.equal('http://127.0.0.1:8080')
    expect(api('http://localhost:1')).to.equal('http://localhost:1')
    expect(api('https://[::1]:1')).to.equal('https://[::1]:1')
    const refused = [
      'http://api.weixin.qq.com',
      'https://example.com',
      'https://api.weixin.qq.com.example.com',
      'https://evilweixin.qq.com',
      'http://127.0.0.1.example.com',
      'http://0.0.0.0:1',
      'http://192.168.0.1',
      'ftp://127.0.0.1',
      'https://user:pass@api.weixin.qq.com',
      'https://api.weixin.qq.com/proxy',
      'https://api.weixin.qq.com?x=1',
      'api.weixin.qq.com',
    ]
    for (const url of refused) expect(problems({ WECHAT_API: url }), url).to.match(/WECHAT_API must be https/)
  })

  it('take whole numbers within bounds only', () => {
    for (const port of ['-1', '65536', '3e3', '0x10', '1.5', 'three']) {
      expect(problems({ PORT: port }), port).to.deep.equal(['PORT must be a whole number from 0 to 65535'])
    }
    expect(load({ PORT: '0', SESSION_TTL: '1', OPEN_DATA_MAX_AGE: '0' })).to.deep.include({
      port: 0,
      openDataMaxAge: 0,
    })
    expect(problems({ SESSION_TTL: '0' })).to.have.lengthOf(1)
    expect(problems({ SESSION_MAX_AGE: '999999999999' })).to.have.lengthOf(1)
  })

  it('know where sessions are kept', () => {
    expect(load({ SESSION_STORE: 'sqlite:/data/s.db' }).store).to.deep.equal({
      kind: 'sqlite',
      path: '/data/s.db',
    })
    expect(load({ SESSION_STORE: 'sqlite::memory:' }).store).to.deep.equal({ kind: 'memory' })
    expect(problems({ SESSION_STORE: 'sqlite:' })).to.match(/must be sqlite:<path>/)
    expect(problems({ SESSION_STORE: 'postgres://x' })).to.match(/must be sqlite:<path>/)
  })

  it('take several session secrets, newest first', () => {
    const fresh = 'n'.repeat(32)
    expect(load({ SESSION_SECRET: `${fresh}, old` }).sessionSecrets).to.deep.equal([fresh, 'old'])
    expect(problems({ SESSION_SECRET: `${fresh},,old` })).to.match(/SESSION_SECRET has an empty entry/)
  })

  it('take service keys of at least 32 characters, by name', () => {
    const key = 'k'.repeat(32)
    expect([...load({ SERVICE_KEYS: `orders:${key}, billing:${key}1` }).serviceKeys]).to.deep.equal([
      ['orders', key],
      ['billing', `${key}1`],
    ])
    expect(problems({ SERVICE_KEYS: 'orders:short' })).to.match(/32 to 256/)
    expect(problems({ SERVICE_KEYS: key })).to.match(/name:key pairs/)
    expect(problems({ SERVICE_KEYS: `a:${key},a:${key}` })).to.match(/twice/)
  })

  it('take CIDRs of proxies', () => {
    const { trustedProxies } = load({ TRUST_PROXY: '10.0.0.0/8, 192.168.1.1,fd00::/8' })
    expect(trustedProxies.check('10.1.2.3')).to.equal(true)
    expect(trustedProxies.check('192.168.1.1')).to.equal(true)
    expect(trustedProxies.check('192.168.1.2')).to.equal(false)
    expect(trustedProxies.check('fd00::1', 'ipv6')).to.equal(true)
    for (const wrong of ['10.0.0.0/33', 'proxy', '10.0.0.0/', '10.0.0.0/8/8', '::/129']) {
      expect(problems({ TRUST_PROXY: wrong }), wrong).to.match(/TRUST_PROXY must be CIDRs/)
    }
  })

  it('know how many processes serve: one, so many, or one a core', () => {
    expect(load(app).workers).to.equal(1)
    expect(load({ ...app, WORKERS: '4' }).workers).to.equal(4)
    expect(load({ ...app, WORKERS: 'auto' }).workers).to.equal('auto')
    for (const workers of ['0', '-1', '129', '1.5', 'AUTO', 'max']) {
      expect(problems({ ...app, WORKERS: workers }), workers).to.deep.equal([
        'WORKERS must be a whole number from 1 to 128, or auto',
      ])
    }
  })

  it('have one process for sessions in memory, and say so where several are asked for', () => {
    const memory = { ...app, SESSION_STORE: 'sqlite::memory:' }
    for (const workers of ['2', 'auto']) {
      const [problem, ...others] = problems({ ...memory, WORKERS: workers })
      expect(problem).to.match(/^WORKERS must be 1 with SESSION_STORE=sqlite::memory:/)
      expect(others).to.deep.equal([])
    }
    expect(load({ ...memory, WORKERS: '1' }).workers).to.equal(1)
  })

  it('have one process for the sandbox, with a warning where several are asked for', () => {
    for (const workers of ['2', 'auto']) {
      const { workers: number, warnings } = load({ WORKERS: workers, SESSION_STORE: 'sqlite::memory:' })
      expect(number).to.equal(1)
      expect(warnings.map(({ en }) => en)).to.deep.equal([
        'WORKERS has no effect in the sandbox: there one process does it all',
      ])
    }
    expect(load({ WORKERS: '1' }).warnings).to.deep.equal([])
  })

  it('know the log levels', () => {
    expect(load({ LOG_LEVEL: 'silent' }).logLevel).to.equal('silent')
    expect(problems({ LOG_LEVEL: 'loud' })).to.match(/LOG_LEVEL must be one of fatal/)
  })

  it('may all come from files, without the newline at the end', () => {
    const files: Record<string, string> = {
      '/run/secrets/appid': `${WXA}\n`,
      '/run/secrets/secret': 's3cret\r\n',
      '/p': '81',
    }
    const config = load(
      { WECHAT_APPID_FILE: '/run/secrets/appid', WECHAT_SECRET_FILE: '/run/secrets/secret', PORT_FILE: '/p' },
      (path) => files[path] ?? noFile(),
    )
    expect(config).to.deep.include({ port: 81, apps: [{ appid: WXA, secret: 's3cret' }] })
  })

  it('refuse a file that can not be read, and a value given twice, without quoting either', () => {
    const found = problems({ WECHAT_SECRET_FILE: '/secret-path', WECHAT_APPID: WXA })
    expect(found).to.match(/WECHAT_SECRET_FILE names a file that can't be read/)
    expect(found.join()).not.to.include('secret-path')
    expect(problems({ WECHAT_APPID_FILE: 'x' }, () => '\n')).to.match(
      /WECHAT_APPID_FILE names a file that is empty/,
    )
    expect(problems({ PORT: '1', PORT_FILE: 'x' }, () => '2')).to.match(/PORT and PORT_FILE are both set/)
  })

  it('are all complained about at once, and no value is repeated', () => {
    const bad = {
      PORT: 'canary-port',
      LOG_LEVEL: 'canary-level',
      SESSION_TTL: 'canary-ttl',
      SERVICE_KEYS: 'canary-key',
    }
    const found = problems(bad)
    expect(found).to.have.lengthOf(4)
    expect(new ConfigError(found).message).to.match(/^These settings need mending:\n {2}- PORT/)
    expect(found.join()).not.to.include('canary')
  })
})

describe('where the service listens', () => {
  it('is this machine alone for the sandbox, unless somebody says otherwise', () => {
    expect(load({ HOST: '' }).host).to.equal('127.0.0.1')
    expect(load({ HOST: '0.0.0.0' }).host).to.equal('0.0.0.0')
    expect(load({ HOST_FILE: '/x' }, () => '::').host).to.equal('::')
    expect(load(app).host).to.equal('0.0.0.0')
    expect(load({ ...app, HOST: '127.0.0.1' }).host).to.equal('127.0.0.1')
  })
})

describe('trusted proxies', () => {
  it('may be named by the networks they are in', () => {
    const trusts = (setting: string, address: string) =>
      load({ TRUST_PROXY: setting }).trustedProxies.check(address, address.includes(':') ? 'ipv6' : 'ipv4')
    for (const address of ['127.0.0.1', '127.9.9.9', '::1'])
      expect(trusts('loopback', address), address).to.equal(true)
    for (const address of ['10.1.1.1', '172.31.0.1', '192.168.9.9', 'fd12::1'])
      expect(trusts('private', address), address).to.equal(true)
    for (const address of ['172.32.0.1', '8.8.8.8', '127.0.0.1', '2001:db8::1', '::1'])
      expect(trusts('private', address), address).to.equal(false)
    expect(trusts('Loopback, 203.0.113.0/24 ,private', '203.0.113.9')).to.equal(true)
    for (const wrong of ['public', 'true', '1', '*', 'loopback/8', 'loopback private', 'constructor'])
      expect(problems({ TRUST_PROXY: wrong }), wrong).to.match(
        /TRUST_PROXY must be CIDRs.*loopback or private/,
      )
  })
})

describe('the form of the log', () => {
  it('is chosen by where it goes, unless somebody says otherwise', () => {
    expect(load({}).logFormat).to.equal(undefined)
    expect(load({ LOG_FORMAT: 'pretty' }).logFormat).to.equal('pretty')
    expect(problems({ LOG_FORMAT: 'xml' })).to.deep.equal(['LOG_FORMAT must be one of pretty, json'])
  })
})

describe('what is said of the settings', () => {
  it('is there in Chinese, with the same names', () => {
    try {
      load({ PORT: 'x', WX_APPID: 'y' })
    } catch (error) {
      const chinese = error instanceof ConfigError ? error.in('zh') : ''
      expect(chinese).to.match(/^以下配置有误：\n {2}- WX_APPID .*WECHAT_APPID.*\n {2}- PORT 须为/)
      return
    }
    expect.fail('nothing was refused')
  })

  it('is a warning where a start does no harm', () => {
    expect(load({ WECHAT_TOKEN: 'canary' }).warnings).to.have.lengthOf(1)
  })
})
