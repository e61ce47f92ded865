import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ann, claimAt, codeOf, endingAt, loginOf, start, tokenOf } from '../../support/store/logins.js'
import { openNode, withTwoNodes } from '../../support/store/sqlite-nodes.js'

describe('SQLite around logins', () => {
  const { one, another, folder, path, rows } = withTwoNodes()
  const attempt = { appid: 'wx-one', code: 'code', key: 'key' }

  describe('close', () => {
    it('lets what is under way end, and fails everything after it', async () => {
      const saves = Array.from({ length: 10 }, (_, n) =>
        codeOf(one().sessions.save(loginOf(n, { appid: 'wx', openid: `o-${n}` }))),
      )
      const [claim, sweep] = [one().loginAttempts.claim(attempt, claimAt(start)), one().sweep()]
      const outcomes = Promise.all([...saves, codeOf(claim), codeOf(sweep)])
      await Promise.all([one().close(), one().close()])
      expect(await outcomes).to.satisfy((codes: string[]) =>
        codes.every((code) => ['resolved', 'storage_unavailable'].includes(code)),
      )
      const kept = await Promise.all(saves)
      for (const [n, outcome] of kept.entries()) {
        const found = await another().sessions.find(tokenOf(n))
        expect(found === undefined).to.equal(outcome !== 'resolved')
      }
      const calls = [
        one().sessions.epoch(),
        one().sessions.list(ann, start),
        one().sessions.endAll(ann, endingAt(start)),
        one().loginAttempts.abandon(attempt),
        one().tokens.read('wx'),
        one().tokens.release('wx'),
        one().sweep(),
      ]
      for (const call of calls) expect(await codeOf(call)).to.equal('storage_unavailable')
    })

    it('leaves one file, complete in itself, whether anything was written or not', async () => {
      await one().sessions.save(loginOf(1))
      await another().close()
      await one().close()
      expect(readdirSync(folder())).to.deep.equal(['sessions.db'])
      expect(rows('SELECT count(*) FROM sessions')).to.deep.equal([[1]])
      await openNode(path()).close()
      expect(readdirSync(folder())).to.deep.equal(['sessions.db'])
    })

    it('leaves everything in the file itself, also when another process goes on with it', async () => {
      await one().sessions.save(loginOf(1))
      await one().close()
      copyFileSync(path(), join(folder(), 'copy.db'))
      const copy = openNode(join(folder(), 'copy.db'))
      expect(await copy.sessions.find(tokenOf(1))).to.deep.equal(loginOf(1).session)
      await copy.close()
    })
  })
})
