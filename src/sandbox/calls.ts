/** A call that reached WeChat's endpoints. */
export interface Call {
  /** When it came, milliseconds since 1970. */
  readonly at: number
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | undefined>>
  /** Parsed, where it was JSON, else the text; absent when empty. */
  readonly body?: unknown
}

/** Calls kept, so that a sandbox that runs for weeks does not grow; the oldest go first. */
export const MAX_CALLS = 1000

/** The last calls, oldest first. */
export function createCallLog() {
  const calls: Call[] = []
  return {
    /** Live: it goes on growing while one looks. */
    calls: calls as readonly Call[],
    add(call: Call): void {
      if (calls.push(call) > MAX_CALLS) calls.shift()
    },
  }
}

export type CallLog = ReturnType<typeof createCallLog>
