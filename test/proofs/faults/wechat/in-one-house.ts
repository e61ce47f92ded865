import type { Fault, Seen } from '../fault.js'
import type { House } from '../stage/house.js'
import type { Stage } from '../stage/stage.js'
import { healthy } from '../stage/stub.js'
import type { Task } from '../task.js'
import { type BadAnswer, badAnswers, faultOf } from './answers.js'
import { errcodes } from './errcodes.js'

/** All of them on one service, one after the other. */
function inOneHouse(rows: readonly BadAnswer[]): Task {
  const faults = rows.map((row) => ({ row, fault: faultOf(row) }))
  return {
    faults: faults.map(({ fault }) => fault),
    async run(stage: Stage, tell: (fault: Fault, play: () => Promise<Seen>) => Promise<void>) {
      const house = await stage.house()
      for (const { row, fault } of faults) await tell(fault, () => play(house, row))
    },
  }
}

async function play(house: House, { meets, logins = 1 }: BadAnswer): Promise<Seen> {
  const { wechat } = house
  const [requests, bytes] = [wechat.requests.length, wechat.bytesSent()]
  wechat.meets(...meets)
  async function askAll(): Promise<string[]> {
    const asked = new Set<string>()
    for (let n = 0; n < logins; n++) asked.add(await house.login())
    return [...asked]
  }
  const { result: asked, sessions } = await house.verifyDuring(askAll())
  const calls = wechat.requests.length - requests
  wechat.meets(healthy)
  const recovered = await house.recovery()
  const taken = wechat.bytesSent() - bytes
  return {
    asked,
    calls,
    sessions,
    recovered,
    lost: await house.lost(),
    // What lies in the buffers of the connection counts as taken.
    taken: taken < 16_000_000 ? 'little' : `${taken} bytes`,
  }
}

export const wechatInOneHouse: readonly Task[] = [inOneHouse(badAnswers), inOneHouse(errcodes)]
