import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { createHttpWechat } from '#src/adapters/wechat/gateway.js'
import { createAccessTokens } from '#src/domain/access-token.js'
import { startSandbox } from '#src/sandbox/index.js'
import { temporaryFolder } from '../../support/service/spawn-service.js'
import { openSqliteStore } from '../../support/store/open-sqlite-store.js'

const MINUTE = 60_000

describe('five processes on one store', () => {
  it('fetch one access_token per period between them, and never force one', async function () {
    this.timeout(120_000)
    const folder = temporaryFolder()
    const time = { now: Date.UTC(2026, 2, 1, 4) }
    const clock = () => time.now
    const weixin = await startSandbox({ clock })
    const [app] = weixin.apps
    const appid = app?.appid ?? ''
    const stores = Array.from({ length: 5 }, () =>
      openSqliteStore({ path: join(folder.path, 'sessions.db'), clock }),
    )
    const processes = stores.map(({ tokens }, i) =>
      createAccessTokens({
        wechat: createHttpWechat({
          api: weixin.url,
          apps: new Map([[appid, app?.secret ?? '']]),
          timeout: 60_000,
        }),
        tokens,
        clock,
        random: () => i / 5,
        pause: () => nextTurn(),
        timeout: 5000,
        report: () => {},
      }),
    )
    const periods: number[] = []
    let before = 0
    // Five hours, so that the tokens of more than two periods are seen.
    for (let minute = 0; minute < 300; minute++) {
      const given = await Promise.all(processes.map((tokens) => tokens.vend(appid)))
      for (const { expiresIn } of given) expect(expiresIn).to.be.greaterThan(0)
      if (weixin.calls.length > before) periods.push(minute)
      before = weixin.calls.length
      time.now += MINUTE
    }
    // Which process comes first, and so how early it is, is open; that it is between 4.5 and 3.5 minutes is not.
    expect(periods).to.have.lengthOf(3)
    expect(periods[1]).to.be.within(116, 117)
    expect(periods[2]).to.be.within(232, 234)
    expect(weixin.calls).to.have.lengthOf(3)
    for (const { path, body } of weixin.calls) {
      expect(path).to.equal('/cgi-bin/stable_token')
      expect(body).to.have.all.keys('grant_type', 'appid', 'secret')
    }
    await Promise.all(stores.map((store) => store.close()))
    await weixin.close()
    folder.remove()
  })
})
