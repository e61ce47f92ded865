import { copyFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import {
  everyCall,
  failureOf,
  loginOf,
  tokenOf,
  withSqliteSessions,
} from '../../support/store/sqlite-sessions.js'

describe('SQLite sessions', () => {
  const { folder, path, open } = withSqliteSessions()

  describe('on a file that is taken away', () => {
    const outcomeOf = (call: Promise<unknown>) =>
      call.then(
        () => 'answered',
        () => 'failed',
      )
    /** Until the system has told of everything that came before. */
    const readsAreQuiet = async () => {
      for (let n = 0; n < 20; n++) await nextTurn()
    }
    const aside = () => join(folder(), 'aside.db')
    const losses: Record<string, { lose(): void; undo(): void }> = {
      deleted: {
        lose: () => renameSync(path(), aside()),
        undo: () => renameSync(aside(), path()),
      },
      'replaced by another': {
        lose: () => {
          copyFileSync(path(), aside())
          renameSync(aside(), path())
        },
        undo: () => {},
      },
      emptied: {
        lose: () => {
          copyFileSync(path(), aside())
          truncateSync(path(), 0)
        },
        undo: () => writeFileSync(path(), readFileSync(aside())),
      },
      'given another WAL': {
        lose: () => {
          copyFileSync(`${path()}-wal`, aside())
          renameSync(aside(), `${path()}-wal`)
        },
        undo: () => {},
      },
      'robbed of its WAL': {
        lose: () => renameSync(`${path()}-wal`, aside()),
        undo: () => renameSync(aside(), `${path()}-wal`),
      },
    }

    for (const [how, { lose, undo }] of Object.entries(losses)) {
      it(`confirm and answer nothing when it was ${how}, even if it comes back`, async () => {
        const sessions = open()
        await sessions.save(loginOf(0))
        lose()
        for (const call of everyCall(sessions)) expect(await failureOf(call())).to.equal('FILE_GONE')
        undo()
        for (const call of everyCall(sessions)) expect(await failureOf(call())).to.equal('FILE_GONE')
      })
    }

    for (const [how, { lose }] of Object.entries(losses)) {
      it(`are found no more when it was ${how}, though nothing but reads looks`, async () => {
        const sessions = open()
        await sessions.save(loginOf(0))
        await readsAreQuiet()
        lose()
        while ((await outcomeOf(sessions.epoch())) === 'answered') await nextTurn()
        expect(await failureOf(sessions.epoch())).to.equal('FILE_GONE')
        expect(await failureOf(sessions.find(tokenOf(0)))).to.equal('FILE_GONE')
      })
    }

    it('confirm no logout when it went while that was written', async () => {
      const sessions = open()
      await sessions.save(loginOf(0))
      const ended = sessions.delete(tokenOf(0))
      rmSync(path())
      expect(await failureOf(ended)).to.equal('FILE_GONE')
    })

    it('have what was confirmed before, once it is back and opened anew', async () => {
      const sessions = open()
      await sessions.save(loginOf(0))
      renameSync(path(), aside())
      await failureOf(sessions.ready())
      await sessions.close()
      renameSync(aside(), path())
      expect(await open().find(tokenOf(0))).to.deep.equal(loginOf(0).session)
    })

    it('say so as well when it can not be seen any more', async () => {
      const nested = join(folder(), 'nested')
      const sessions = open({ at: join(nested, 'sessions.db') })
      await sessions.ready()
      renameSync(nested, join(folder(), 'moved'))
      writeFileSync(nested, 'a file, where there was a folder')
      for (const call of everyCall(sessions)) await failureOf(call())
    })
  })
})
