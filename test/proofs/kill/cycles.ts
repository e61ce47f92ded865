import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { temporaryFolder } from '../../support/service/spawn-service.js'
import { Refused, type Victim, type Victims } from './victims.js'

/** Clients of a victim at once, so that they share commits. */
const CLIENTS = 16
/** Confirmations at most before the kill: some group commits. */
const MOST = 60
/** Milliseconds at most from the last of them to the kill: it falls into any moment of a commit. */
const MOMENT = 5
/** Cycles on one database; a start reads all of it, so it must not grow without end. */
const CYCLES_OF_DATABASE = 250
/** Of sessions from earlier cycles, so many are looked at again after each. */
const EARLIER = 20
/** Sessions that are looked at at once: fewer than a service has places for. */
const AT_ONCE = 200

/** What was tried, and what was found wrong: nothing, or the promise is broken. */
export interface KillReport {
  cycles: number
  ofService: number
  logins: number
  logouts: number
  /** Logouts that were under way at a kill: they count or they don't. */
  unsure: number
  verified: number
  /** Answers that were refusals, as of a machine that is too busy: they promise nothing. */
  refused: number
  readonly wrong: string[]
}

type State = 'in' | 'out' | 'unsure'

/**
 * Kills a process with logins and logouts under way, at a random moment, again and again, always on the same database;
 * after each start every login that was confirmed has to live, and every session whose end was confirmed must not.
 *
 * @param victims are closed in the end
 */
export async function killAgainAndAgain({
  cycles,
  victims,
  random,
  tell = () => {},
}: {
  readonly cycles: number
  readonly victims: Victims
  readonly random: () => number
  readonly tell?: (report: KillReport) => void
}): Promise<KillReport> {
  const report: KillReport = {
    cycles: 0,
    ofService: 0,
    logins: 0,
    logouts: 0,
    unsure: 0,
    verified: 0,
    refused: 0,
    wrong: [],
  }
  let users = 0

  async function load(victim: Victim, ledger: Map<string, State>): Promise<void> {
    let isOver = false
    let left = 1 + Math.floor(random() * MOST)
    let onEnough = () => {}
    const enough = new Promise<void>((resolve) => {
      onEnough = resolve
    })
    function confirm(token: string, state: State): void {
      ledger.set(token, state)
      if (--left === 0) onEnough()
    }
    async function client(): Promise<void> {
      while (!isOver) {
        const token = await victim.login(`u${users++}`)
        confirm(token, 'in')
        report.logins++
        if (random() < 0.6) continue
        ledger.set(token, 'unsure')
        await victim.logout(token)
        confirm(token, 'out')
        report.logouts++
      }
    }
    const clients = Array.from({ length: CLIENTS }, () =>
      client().catch((error: unknown) => {
        // Whoever is killed gives no answer.
        if (error instanceof Refused) report.refused++
      }),
    )
    // All clients ended: then something is wrong, and said already.
    await Promise.race([enough, Promise.all(clients)])
    await pause(random() * MOMENT)
    await victim.kill()
    isOver = true
    await Promise.all(clients)
  }

  async function check(victim: Victim, tokens: readonly (readonly [string, State])[]): Promise<void> {
    for (let first = 0; first < tokens.length; first += AT_ONCE) {
      await Promise.all(
        tokens.slice(first, first + AT_ONCE).map(async ([token, state]) => {
          if (state === 'unsure') return
          report.verified++
          const lives = await victim.lives(token)
          if (lives !== (state === 'in'))
            report.wrong.push(lives ? 'a session whose end was confirmed lives' : 'a confirmed login is lost')
        }),
      )
    }
  }

  async function useDatabase(path: string, count: number): Promise<void> {
    const all: [string, State][] = []
    let latest = new Map<string, State>()
    for (let n = 0; n < count; n++) {
      const victim = await victims.start(path, report.cycles)
      const earlier = Array.from({ length: EARLIER }, () => all[Math.floor(random() * all.length)])
      await check(victim, [...latest, ...earlier.filter((each) => each !== undefined)])
      all.push(...latest)
      latest = new Map()
      await load(victim, latest)
      report.unsure += [...latest.values()].filter((state) => state === 'unsure').length
      if (victims.isService(report.cycles)) report.ofService++
      report.cycles++
      if (report.cycles % 50 === 0) tell(report)
    }
    const last = await victims.start(path, report.cycles)
    await check(last, [...all, ...latest])
    await last.kill()
    const damage = victims.damage(path)
    if (damage !== undefined) report.wrong.push(`the database is damaged: ${damage}`)
  }

  try {
    while (report.cycles < cycles) {
      const folder = temporaryFolder()
      try {
        await useDatabase(
          join(folder.path, 'sessions.db'),
          Math.min(CYCLES_OF_DATABASE, cycles - report.cycles),
        )
      } finally {
        folder.remove()
      }
    }
  } finally {
    await victims.close()
  }
  return report
}
