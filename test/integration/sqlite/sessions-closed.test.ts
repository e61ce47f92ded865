import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import {
  everyCall,
  failureOf,
  loginOf,
  now,
  numbers,
  tokenOf,
  withSqliteSessions,
} from '../../support/store/sqlite-sessions.js'

describe('SQLite sessions', () => {
  const { folder, path, open } = withSqliteSessions()

  describe('of a process of their own', () => {
    const start = (then: string) => {
      const program = `${logins(path())}; console.log('confirmed'); ${then}`
      return spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
    }
    const checkConfirmed = async () => {
      const sessions = open()
      for (const n of numbers(20)) {
        const session = n === 7 ? undefined : loginOf(n).session
        expect(await sessions.find(tokenOf(n)), String(n)).to.deep.equal(session)
      }
      expect(await sessions.keys(loginOf(3).session)).to.deep.equal([{ key: 'key', at: now }])
    }

    it('have everything that was confirmed after kill -9', async () => {
      const child = start('setInterval(() => {}, 1000)')
      const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
      child.kill('SIGKILL')
      expect(await once(child, 'exit')).to.deep.equal([null, 'SIGKILL'])
      expect(String(said)).to.equal('confirmed\n')
      expect(readdirSync(folder())).to.include('sessions.db-wal')
      await checkConfirmed()
    })

    it('let it end once they are closed', async () => {
      const child = start('await close()')
      expect(await once(child, 'exit')).to.deep.equal([0, null])
      await checkConfirmed()
    })
  })

  describe('when they are closed', () => {
    for (const at of [':memory:', 'sessions.db']) {
      it(`fail with every call from then on (${at})`, async () => {
        const sessions = open({ at: at === ':memory:' ? at : path() })
        await sessions.save(loginOf(0))
        await sessions.close()
        for (const call of everyCall(sessions)) expect(await failureOf(call())).to.equal('CLOSED')
        expect(await sessions.close()).to.equal(undefined)
      })
    }

    it('have what they confirmed, and confirm only what they have', async () => {
      const sessions = open()
      const saved = numbers(50).map((n) => sessions.save(loginOf(n)))
      await saved[5]
      const closed = sessions.close()
      const results = await Promise.allSettled(saved)
      await closed
      const again = open()
      for (const [n, { status }] of results.entries()) {
        if (status === 'fulfilled') expect(await again.find(tokenOf(n))).to.deep.equal(loginOf(n).session)
      }
      expect(results.filter(({ status }) => status === 'fulfilled').length).to.be.greaterThan(5)
    })
  })
})

/** A program that logs 20 users in and one of them out. */
const logins = (path: string) => `
  import { randomBytes } from 'node:crypto'
  import { createAesSealer } from '#src/adapters/crypto/sealer.js'
  import { openSqlite } from '#src/adapters/sqlite/open.js'
  import { createRepositories } from '#src/adapters/store/repositories.js'
  const { raw, close } = openSqlite({ path: ${JSON.stringify(path)}, clock: () => ${now}, elapsed: () => 0, async pause() {}, prepare() {} })
  const { sessions } = createRepositories(raw, createAesSealer(['secret'], randomBytes))
  await Promise.all(${JSON.stringify(numbers(20).map((n) => loginOf(n)))}.map((login) => sessions.save(login)))
  await sessions.delete('${tokenOf(7)}')`
