/** A call that reached WeChat's endpoints. */
export interface Call {
  /** Counts from 1 on; forgotten calls count, too. */
  readonly number: number
  /** When it came, milliseconds since 1970. */
  readonly at: number
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | undefined>>
  /** Parsed, where it was JSON, else the text; absent when empty. */
  readonly body?: unknown
  /** What WeChat answered, 0 for a success; absent before the answer, and where a fault spoilt it. */
  readonly errcode?: number
}

/** Calls kept at most; the oldest are forgotten first. */
export const MAX_CALLS = 1000

/** The last calls, oldest first. */
export function createCallLog() {
  const calls: Call[] = []
  let count = 0
  return {
    /** Live: new calls appear in it. */
    calls: calls as readonly Call[],
    /** Forgets them, and counts from 1 on again. */
    clear(): void {
      calls.length = 0
      count = 0
    },
    /** Gives the function that notes what was answered. */
    add(call: Omit<Call, 'number' | 'errcode'>): (errcode: number) => void {
      count += 1
      const entry: Call & { errcode?: number } = { number: count, ...call }
      if (calls.push(entry) > MAX_CALLS) calls.shift()
      return (errcode) => {
        entry.errcode = errcode
      }
    },
  }
}

export type CallLog = ReturnType<typeof createCallLog>
