/** The system's clock set under the running service, by libfaketime. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Playable } from '../fault.js'
import type { Stage } from '../stage/stage.js'

const LIBRARIES = '/usr/lib'

/** The library of Debian's package, which lies in a folder of the machine's kind. */
function faketimeLibrary(): string {
  const paths = readdirSync(LIBRARIES).map((folder) => join(LIBRARIES, folder, 'faketime/libfaketime.so.1'))
  const path = paths.find((each) => existsSync(each))
  if (path === undefined) throw new Error('libfaketime.so.1 is nowhere')
  return path
}

/** A service whose clock can be set, while its timers go on. */
async function withClock(stage: Stage, env: Record<string, string> = {}) {
  const file = join(stage.folder, 'time')
  const set = (offset: string) => writeFileSync(file, `${offset}\n`)
  set('+0')
  const house = await stage.house({
    env: {
      ...env,
      LD_PRELOAD: faketimeLibrary(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    },
  })
  return { house, set }
}

export const clockFaults: readonly Playable[] = [
  {
    group: 'process',
    name: 'clock forward',
    made: 'set 40 days ahead for a moment, with logins meanwhile, and back again',
    // To that clock the sessions are over; once it is right again they are not.
    expected: {
      asked: '201',
      meanwhile: { anyOf: ['200', '401 invalid_session'] },
      lost: 0,
      recovered: 'by itself',
    },
    needs: ['faketime'],
    async play(stage) {
      const { house, set } = await withClock(stage)
      const earlier = house.ledger.live()
      set('+40d')
      const meanwhile = new Set<string>()
      for (const token of earlier) meanwhile.add(await house.verify(token))
      const asked = await house.login()
      set('+0')
      return {
        asked,
        meanwhile: [...meanwhile],
        recovered: await house.recovery(),
        lost: await house.lost(),
      }
    },
  },
  {
    group: 'process',
    name: 'clock back',
    made: 'set back by 1 day after sessions have ended, by their time and by a logout',
    expected: { asked: '201', over: '401 invalid_session', lost: 0, recovered: 'by itself' },
    needs: ['faketime'],
    async play(stage) {
      const { house, set } = await withClock(stage)
      const [token = ''] = house.ledger.live()
      // Four days unused: its time is over, and it has been said so.
      set('+4d')
      const over = new Set([await house.verify(token)])
      await house.login()
      await pause(50)
      set('+3d')
      over.add(await house.verify(token))
      house.ledger.left(token)
      for (const each of house.ledger.live().slice(0, 2)) {
        over.add(await house.verify(each))
        house.ledger.left(each)
      }
      const asked = await house.login()
      return { asked, over: [...over], recovered: await house.recovery(), lost: await house.lost() }
    },
  },
]
