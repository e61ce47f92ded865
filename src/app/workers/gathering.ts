/** The metrics of all workers: any of them may be asked for metrics, and answers for all. */
import { lastingOf } from '../metrics/lasting.js'
import type { Report } from '../metrics/metric.js'
import type { Time } from './supervisor.js'

/** Milliseconds that a worker has for its report. For one that is busy longer, its latest one counts. */
const PATIENCE = 1_000

/** One worker, as the first process sees it. */
export interface Member {
  /** It was asked for metrics, and waits for the reports of all. */
  gather(answer: (reports: readonly Report[]) => void): void
  /** It reports. */
  told(report: Report): void
  left(): void
}

export function createGathering({ after }: Pick<Time, 'after'>) {
  /** Each worker that serves, with its latest report. */
  const members = new Map<Member, { readonly ask: () => void; latest: Report | undefined }>()
  let gone: Report = []
  let running:
    | { readonly awaited: Set<Member>; readonly answers: ((reports: readonly Report[]) => void)[] }
    | undefined
  let cancel = () => {}

  function finish(): void {
    cancel()
    const answers = running?.answers ?? []
    running = undefined
    const reports = [...members.values()].flatMap(({ latest }) => (latest === undefined ? [] : [latest]))
    for (const answer of answers) answer([...reports, gone])
  }

  function settled(member: Member): void {
    if (running?.awaited.delete(member) && running.awaited.size === 0) finish()
  }

  return {
    /**
     * Takes a worker in that serves from now on.
     *
     * @param ask asks it for its report
     */
    join(ask: () => void): Member {
      const member: Member = {
        gather(answer) {
          if (running !== undefined) {
            running.answers.push(answer)
            return
          }
          running = { awaited: new Set(members.keys()), answers: [answer] }
          cancel = after(PATIENCE, finish)
          for (const { ask } of members.values()) ask()
        },
        told(report) {
          const known = members.get(member)
          if (known !== undefined) known.latest = report
          settled(member)
        },
        left() {
          gone = lastingOf([gone, members.get(member)?.latest ?? []])
          members.delete(member)
          settled(member)
        },
      }
      members.set(member, { ask, latest: undefined })
      return member
    },
  }
}

export type Gathering = ReturnType<typeof createGathering>
