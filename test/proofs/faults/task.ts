import { type Fault, missesOf, missingOf, type Playable, type Result, type Seen } from './fault.js'
import { createStage, type Stage } from './stage/stage.js'

/** Faults that are played one after the other on one stage. */
export interface Task {
  readonly faults: readonly Fault[]
  run(stage: Stage, tell: (fault: Fault, play: () => Promise<Seen>) => Promise<void>): Promise<void>
}

/** A fault that has a stage of its own. */
export const alone = ({ play, ...fault }: Playable): Task => ({
  faults: [fault],
  run: (stage, tell) => tell(fault, () => play(stage)),
})

/** So many tasks at once: most of the time each waits for a process or a deadline. */
const AT_ONCE = 3

/** Plays all tasks, and gives the result of each fault. An error while one is played is a miss. */
export async function playAll(
  tasks: readonly Task[],
  told: (result: Result) => void = () => {},
): Promise<ReadonlyMap<Fault, Result>> {
  const results = new Map<Fault, Result>()
  const note = (result: Result) => {
    results.set(result.fault, result)
    told(result)
  }
  const waiting = [...tasks]

  async function tell(fault: Fault, play: () => Promise<Seen>): Promise<void> {
    const missing = missingOf(fault.needs)
    if (missing.length > 0) return note({ fault, misses: [], missing })
    try {
      const seen = await play()
      note({ fault, seen, misses: missesOf(fault.expected, seen), missing })
    } catch (error) {
      note({
        fault,
        misses: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
        missing,
      })
    }
  }

  async function work(): Promise<void> {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      const stage = createStage()
      try {
        await task.run(stage, tell)
      } catch (error) {
        for (const fault of task.faults)
          if (!results.has(fault)) note({ fault, misses: [`was not played: ${error}`], missing: [] })
      } finally {
        await stage.close()
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return results
}
