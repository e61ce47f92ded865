/** Several processes on one database. */
import type { Playable } from '../fault.js'

export const twoFaults: readonly Playable[] = [
  {
    group: 'process',
    name: 'two processes',
    made: 'two services on one file, logins and logouts in both at once; then one is killed',
    expected: {
      asked: '201',
      // A login of one is a session in the other, and an ending in one is seen by the other at once.
      elsewhere: '200',
      ended: '401 invalid_session',
      lost: 0,
      recovered: 'by itself',
    },
    async play(stage) {
      const one = await stage.house()
      const other = await stage.house({ store: one.store, wechat: one.wechat, furnished: false })
      const asked = new Set<string>()
      const elsewhere = new Set<string>()
      const ended = new Set<string>()
      await Promise.all(
        Array.from({ length: 20 }, async (_, n) => {
          asked.add(await (n % 2 === 0 ? one : other).login())
        }),
      )
      for (const [here, there] of [
        [one, other],
        [other, one],
      ] as const) {
        for (const token of here.ledger.live()) elsewhere.add(await there.verify(token))
        const [token = ''] = here.ledger.live()
        await there.logout(token)
        here.ledger.left(token)
        ended.add(await here.verify(token))
      }
      await other.end('SIGKILL')
      const recovered = await one.recovery()
      const lost = (await one.lost()) + (await other.ledger.lost(one.verify))
      return { asked: [...asked], elsewhere: [...elsewhere], ended: [...ended], recovered, lost }
    },
  },
]
