/** A process without the means that it needs: memory, descriptors, somebody who reads its log. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Playable, Seen } from '../fault.js'
import type { House } from '../stage/house.js'
import { crowd, load } from './load.js'

const expected = { sessions: '200', ended: 'no', lost: 0, recovered: 'by itself' }

/** Whether the process is still the one that was started. */
async function hasEnded(house: House): Promise<string> {
  const { status, signal } = await Promise.race([
    house.service().ended,
    pause(10, { status: 'no', signal: undefined }),
  ])
  return String(signal ?? status)
}

async function after(house: House, asked: readonly string[], sessions: readonly string[]): Promise<Seen> {
  return {
    asked,
    sessions,
    recovered: await house.recovery(),
    ended: await hasEnded(house),
    lost: await house.lost(),
  }
}

/** As much as a request for a decryption may have, but for its end. */
const UPLOAD = `POST /v1/decrypt HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 65000\r\n\r\n{"iv":"${'x'.repeat(64_000)}`

export const meansFaults: readonly Playable[] = [
  {
    group: 'process',
    name: 'little memory',
    made: 'a heap of 48 MB, 400 uploads of 64 KB that never end, and 16 clients that log in and out',
    expected: { asked: ['201', '204', '503 overloaded'], ...expected },
    async play(stage) {
      const house = await stage.house({ env: { NODE_OPTIONS: '--max-old-space-size=48' } })
      const leave = await crowd(house.service().port, 400, UPLOAD)
      const clients = load(house, 16)
      const { sessions } = await house.verifyDuring(pause(2000))
      const asked = await clients.stop()
      leave()
      return after(house, asked, sessions)
    },
  },
  {
    group: 'process',
    name: 'no descriptor left',
    made: 'at most 64 descriptors, and 200 connections that say nothing',
    // Who has a connection keeps it; a login may find none for its call to WeChat.
    expected: {
      asked: { anyOf: ['201', '503 wechat_unreachable', '503 storage_unavailable', 'none'] },
      ...expected,
    },
    async play(stage) {
      const house = await stage.house({
        through: ['sh', '-c', 'ulimit -n 64 && exec "$0" "$@"'],
        furnished: false,
      })
      await house.furnish()
      const leave = await crowd(house.service().port, 200)
      // One after the other, over the one connection that there is.
      const sessions = new Set<string>()
      for (const token of house.ledger.live()) sessions.add(await house.verify(token))
      const asked = await house.login()
      leave()
      return after(house, [asked], [...sessions])
    },
  },
  {
    group: 'process',
    name: 'nobody reads its log',
    made: 'its standard output left in the pipe, with 3 000 lines to write',
    expected: { asked: '401 invalid_session', ...expected },
    async play(stage) {
      const house = await stage.house()
      house.service().stopReading()
      async function flood(): Promise<string[]> {
        const asked = new Set<string>()
        for (let round = 0; round < 60; round++) {
          const answers = Array.from({ length: 50 }, () => house.verify('no token of ours'))
          for (const said of await Promise.all(answers)) asked.add(said)
        }
        return [...asked]
      }
      const { result, sessions } = await house.verifyDuring(flood())
      return after(house, result, sessions)
    },
  },
]
