/**
 * Records what has happened. The sequence diagram and the panels show only this. Entries are added until it is cleared.
 */
import type { Texts } from '../texts/en.js'

/** A participant in the sequence diagram. */
export type Place = 'phone2' | 'phone' | 'shop' | 'service' | 'weixin'

/** What has caused steps: a button on the phone, or something beside it. */
export interface Act {
  /** Whose name is shown, in the user's language. */
  readonly cause:
    | { readonly action: keyof Texts['actions'] }
    | { readonly story: keyof Texts['stories'] }
    | { readonly text: 'secondDevice' | 'pageOpened' }
}

/** An arrow in the sequence diagram, or an event at one place if `from` and `to` are the same. */
export interface Step {
  /** Counts from 1. */
  readonly number: number
  readonly at: number
  /** What it belongs to. */
  readonly act: Act
  readonly from: Place
  readonly to: Place
  /** Code or a name, shown as it is, or an event that is shown in the user's language. */
  readonly label: string | { readonly event: keyof Texts['events'] }
  /** `inside`: something that a place does by itself. `event`: something that is done to it. */
  readonly tone: 'call' | 'answer' | 'failure' | 'inside' | 'event'
  /** The key of the sentence that explains it. */
  readonly topic?: keyof Texts['topics']
  readonly detail?: unknown
}

/** A request of the mini program, with its answer when it has come. */
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
  /** `errMsg`, if no answer came. */
  readonly failure?: string
}

/** A line in the console. */
export interface Line {
  readonly at: number
  readonly kind: 'code' | 'value' | 'error'
  readonly from: Place
  readonly value: unknown
}

/** The limit for entries of each kind, so that a page that is open for days stays fast. The oldest are removed. */
const MAX_ENTRIES = 500

/** Creates an empty journal. Listeners are called after each entry. @param clock gives milliseconds since 1970 */
export function createJournal(clock: () => number) {
  let steps: readonly Step[] = []
  let exchanges: readonly Exchange[] = []
  let lines: readonly Line[] = []
  let act: Act = { cause: { text: 'pageOpened' } }
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
    /** What comes from here on has this cause. */
    begin(cause: Act['cause']): void {
      act = { cause }
    },
    step(step: Omit<Step, 'number' | 'at' | 'act'>): void {
      const number = (steps.at(-1)?.number ?? 0) + 1
      steps = [...steps, { number, at: clock(), act, ...step }].slice(-MAX_ENTRIES)
      changed()
    },
    line(kind: Line['kind'], from: Place, value: unknown): void {
      lines = [...lines, { at: clock(), kind, from, value }].slice(-MAX_ENTRIES)
      changed()
    },
    /** Adds a request. Call the returned function with its outcome. */
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
