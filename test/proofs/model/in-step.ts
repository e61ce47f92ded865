import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { onTrial, stores } from '../../contract/stores.js'
import { start } from '../../support/store/logins.js'
import { type Command, command, createPlayer } from './commands.js'

/** Commands of one run at most; half as many come in the middle. */
const LONGEST = 100
/** Runs on one set of stores, of which the next one begins with empty ones. */
const RUNS = 500

/** In memory, where there is such a folder: what is shown here does not depend on the disk. */
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/**
 * Plays random runs of commands on every store of `test/contract/stores.ts` in step: each command on the fake first, then
 * on each of the others, whose answer has to be the same. Two processes of each store take turns.
 *
 * Fails at the first difference, with the shortest run of commands that shows one, its seed and its path. Gives the
 * number of commands that were played.
 */
export async function playInStep({
  seed,
  commands,
  withRedis,
  path,
  tell = () => {},
}: {
  readonly seed: number
  readonly commands: number
  /** Whether Redis and a cluster of it play as well; they take as long as all others together, some ten times. */
  readonly withRedis: boolean
  /** That of an earlier failure with this seed, to play it alone. */
  readonly path?: string | undefined
  readonly tell?: (played: number) => void
}): Promise<number> {
  let played = 0
  for (let round = 0; played < commands; round++) {
    const numRuns = Math.min(RUNS, 10 + Math.ceil((2 * (commands - played)) / LONGEST))
    const ensemble = await openAll(withRedis)
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(command, { maxLength: LONGEST, size: 'max' }), async (run) => {
          await ensemble.play(run)
          played += run.length
        }),
        { seed: seed + round, numRuns, ...(path === undefined ? {} : { path }) },
      )
    } finally {
      await ensemble.close()
    }
    tell(played)
    if (path !== undefined) break
  }
  return played
}

async function openAll(withRedis: boolean) {
  const time = { now: start }
  const clock = () => time.now
  const [first, ...others] = Object.entries(stores)
    .filter(([name]) => withRedis || !name.includes('Redis'))
    .sort(([name]) => (/fake/.test(name) ? -1 : 1))
  if (first === undefined) throw new Error('there is no store')
  const all = await Promise.all(
    [first, ...others].map(async ([name, open]) => ({ name, store: onTrial(await open({ clock, place })) })),
  )
  let runs = 0

  return {
    async play(run: readonly Command[]): Promise<void> {
      runs++
      const playing = all.map((each) => ({ each, play: createPlayer(runs) }))
      // What is over may be deleted by a sweep, or by a login that makes room: no clock goes back to when it lived.
      let latest = time.now
      const ends = [time.now]
      const used = new Set<number>()
      for (const [n, step] of run.entries()) {
        time.now = Math.max(time.now + step.after, ...ends.filter((end) => end <= latest))
        // Of two logins of the same millisecond neither is the older one.
        while (used.has(time.now)) time.now++
        used.add(time.now)
        latest = Math.max(latest, time.now)
        ends.push(time.now + step.life)
        if (step.name === 'sweep') ends.push(time.now)
        let expected: Awaited<ReturnType<ReturnType<typeof createPlayer>>> | undefined
        for (const { each, play } of playing) {
          const answer = await play(n, step, time.now, {
            repositories: () => (n % 2 === 0 ? each.store.here : each.store.there),
            sweep: () => each.store.sweep(),
            reopen: async () => {
              each.store = onTrial(await each.store.reopen())
            },
          })
          expected ??= answer
          // Redis may raise the epoch once too often, which does no harm.
          const raised = answer.raised && (expected.raised || !each.name.includes('Redis'))
          if (!isDeepStrictEqual({ ...answer, raised }, expected))
            throw new Error(difference(each.name, n, answer, expected))
        }
      }
    },

    async close(): Promise<void> {
      await Promise.all(all.map(({ store }) => store.close()))
    },
  }
}

function difference(store: string, n: number, ...answers: unknown[]): string {
  const [one, other] = answers.map((answer) => JSON.stringify(answer))
  return `command ${n} on ${store} gave\n${one}\nand on the fake\n${other}`
}
