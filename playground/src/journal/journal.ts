/** What has happened: the one thing that the drawing and the panels show. It only grows, until it is cleared. */
import type { Texts } from '../texts/en.js'

/** A lifeline of the drawing. */
export type Place = 'phone2' | 'phone' | 'service' | 'weixin'

/** An arrow of the drawing, or an event at one place where `from` and `to` are the same. */
export interface Step {
  /** Counts from 1 on. */
  readonly number: number
  readonly at: number
  readonly from: Place
  readonly to: Place
  /** Code and names as they are, or an event that the page tells in the reader's language. */
  readonly label: string | { readonly event: keyof Texts['events'] }
  /** `inside` is what a place does by itself, an `event` what befalls it. */
  readonly tone: 'call' | 'answer' | 'failure' | 'inside' | 'event'
  /** The sentence that explains it. */
  readonly topic?: keyof Texts['topics']
  readonly detail?: unknown
}

/** A request of the mini program, and its answer once there is one. */
export interface Exchange {
  readonly from: Place
  readonly method: string
  readonly path: string
  readonly sentAt: number
  readonly header: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly answer?: {
    readonly status: number
    readonly milliseconds: number
    readonly header: Readonly<Record<string, string>>
    readonly body: unknown
  }
  /** `errMsg` where no answer came. */
  readonly failure?: string
}

/** A line of the console. */
export interface Line {
  readonly at: number
  readonly kind: 'code' | 'value' | 'error'
  readonly from: Place
  readonly value: unknown
}

/** Entries of each kind that are kept, so that a page left open for days stays quick; the oldest go first. */
const MAX_ENTRIES = 500

/** An empty journal. Listeners are called after each entry. @param clock milliseconds since 1970 */
export function createJournal(clock: () => number) {
  let steps: readonly Step[] = []
  let exchanges: readonly Exchange[] = []
  let lines: readonly Line[] = []
  const listeners: (() => void)[] = []
  const changed = () => {
    for (const listener of listeners) listener()
  }

  return {
    get steps() {
      return steps
    },
    get exchanges() {
      return exchanges
    },
    get lines() {
      return lines
    },
    onChange(listener: () => void): void {
      listeners.push(listener)
    },
    step(step: Omit<Step, 'number' | 'at'>): void {
      const number = (steps.at(-1)?.number ?? 0) + 1
      steps = [...steps, { number, at: clock(), ...step }].slice(-MAX_ENTRIES)
      changed()
    },
    line(kind: Line['kind'], from: Place, value: unknown): void {
      lines = [...lines, { at: clock(), kind, from, value }].slice(-MAX_ENTRIES)
      changed()
    },
    /** Enters a request; the function given back enters what became of it. */
    sent(request: Omit<Exchange, 'sentAt' | 'answer' | 'failure'>) {
      let entry: Exchange = { sentAt: clock(), ...request }
      exchanges = [...exchanges, entry].slice(-MAX_ENTRIES)
      changed()
      return (outcome: Pick<Exchange, 'answer' | 'failure'>): void => {
        const before = entry
        entry = { ...entry, ...outcome }
        exchanges = exchanges.map((exchange) => (exchange === before ? entry : exchange))
        changed()
      }
    },
    clear(): void {
      steps = []
      exchanges = []
      lines = []
      changed()
    },
  }
}

export type Journal = ReturnType<typeof createJournal>
