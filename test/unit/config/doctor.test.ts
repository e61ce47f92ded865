import { expect } from 'chai'
import { CheckFailure, type Checks, type Finding, runChecks } from '#src/app/doctor/doctor.js'
import { type ErrorCode, type Facts, R3SessionError } from '#src/domain/errors.js'

const passing: Checks = {
  appids: ['wxa'],
  sandbox: false,
  checkStore: async () => 'can be written',
  wechatTime: async () => 1_700_000_000_000,
  stableToken: async () => ({}),
  clock: () => 1_700_000_000_000,
}

async function findings(checks: Partial<Checks>): Promise<Finding[]> {
  const found = []
  for await (const finding of runChecks({ ...passing, ...checks })) found.push(finding)
  return found
}

const failsWith = (code: ErrorCode, cause: string | Facts) => () =>
  Promise.reject(
    new R3SessionError(code, typeof cause === 'string' ? { cause: new Error(cause) } : { facts: cause }),
  )

describe('the doctor', () => {
  it('finds nothing where nothing is wrong, and looks at every app', async () => {
    const found = await findings({ appids: ['wxa', 'wxb'] })
    expect(found.map(({ subject }) => subject)).to.deep.equal([
      'store',
      'clock',
      'WeChat, wxa',
      'WeChat, wxb',
    ])
    expect(found.every(({ ok }) => ok)).to.equal(true)
  })

  it('says that the sandbox needs no look at WeChat', async () => {
    const found = await findings({ sandbox: true, appids: [] })
    expect(found.map(({ subject, ok }) => [subject, ok])).to.deep.equal([
      ['store', true],
      ['WeChat', true],
    ])
  })

  it('names a store that fails and goes on looking', async () => {
    const [store, ...rest] = await findings({
      checkStore: failsWith('storage_unavailable', 'SQLITE_CANTOPEN'),
    })
    expect(store).to.include({ ok: false, found: 'storage_unavailable: SQLITE_CANTOPEN' })
    expect(store?.advice).to.match(/SESSION_STORE/)
    expect(rest.every(({ ok }) => ok)).to.equal(true)
  })

  it('compares the clock with WeChat and tells which way it is off', async () => {
    const at = async (seconds: number) => {
      const found = await findings({ wechatTime: async () => 1_700_000_000_000 + seconds * 1000 })
      return found.find(({ subject }) => subject === 'clock')
    }
    expect(await at(60)).to.include({ ok: true })
    expect(await at(61)).to.include({ ok: false, found: "61 seconds behind WeChat's" })
    expect(await at(-61)).to.include({ ok: false, found: "61 seconds ahead of WeChat's" })
    const [, silent] = await findings({ wechatTime: async () => undefined })
    expect(silent).to.include({ ok: true })
  })

  const adviceByErrcode: [number, RegExp][] = [
    [40164, /allow-list/],
    [40125, /AppSecret again/],
    [40013, /WECHAT_APPID/],
    [40243, /frozen/],
    [61024, /third-party platform/],
    [89503, /administrator/],
    [12345, /network/],
  ]
  for (const [errcode, expected] of adviceByErrcode) {
    it(`knows what to do about ${errcode}`, async () => {
      const stableToken = failsWith('wechat_misconfigured', { errcode, address: '1.2.3.4' })
      const found = (await findings({ stableToken })).at(-1)
      expect(found).to.include({ ok: false, subject: 'WeChat, wxa' })
      expect(found?.found).to.include(`errcode ${errcode}, our address 1.2.3.4`)
      expect(found?.advice).to.match(expected)
    })
  }

  it('passes on an error that no check made', async () => {
    const defect = findings({ checkStore: () => Promise.reject(new TypeError('defect')) })
    expect(await defect.catch((error) => error)).to.be.an.instanceOf(TypeError)
  })

  it('looks at the port where it can', async () => {
    const found = await findings({ checkPort: async () => ({ en: 'free', zh: '可用' }) })
    expect(found[1]).to.deep.equal({ subject: 'port', ok: true, found: 'free' })
  })

  it('says all of it in Chinese to who speaks it', async () => {
    const chinese = async (checks: Partial<Checks>) => {
      const found = []
      for await (const finding of runChecks({ ...passing, ...checks }, 'zh')) found.push(finding)
      return found
    }
    const failed = await chinese({
      checkStore: failsWith('storage_unavailable', 'SQLITE_CANTOPEN'),
      checkPort: () =>
        Promise.reject(new CheckFailure({ en: 'taken', zh: '被占用' }, { en: 'stop it', zh: '停止它' })),
      wechatTime: async () => 0,
      stableToken: failsWith('wechat_misconfigured', { errcode: 40164 }),
    })
    for (const { subject, advice = '' } of failed) expect(subject + advice).to.match(/[\u4e00-\u9fff]/)
    expect(failed.map(({ ok }) => ok)).to.deep.equal([false, false, false, false])
    expect((await chinese({ sandbox: true })).at(-1)?.found).to.match(/沙箱/)
    expect((await chinese({ wechatTime: async () => undefined }))[1]?.found).to.match(/微信/)
  })
})
