import type { Answered } from '../../ask.js'

type Verify = (token: string) => Promise<string>

/** Remembers what a service has confirmed, to look at it again after a fault. */
export function createLedger() {
  const sessions = new Map<string, 'in' | 'out' | 'unsure'>()

  return {
    note(answer: Answered): void {
      const token = answer.json['r3session']
      if (answer.status === 201 && typeof token === 'string') sessions.set(token, 'in')
    },

    /** A logout is under way: until it is confirmed, the session may live or not. */
    leaving: (token: string): void => void sessions.set(token, 'unsure'),
    left: (token: string): void => void sessions.set(token, 'out'),

    live: (): string[] => [...sessions].filter(([, state]) => state === 'in').map(([token]) => token),

    /** What is known so far, for a fault that takes the store back to this moment. */
    snapshot: () => new Map(sessions),

    restore(earlier: ReadonlyMap<string, 'in' | 'out' | 'unsure'>): void {
      sessions.clear()
      for (const [token, state] of earlier) sessions.set(token, state)
    },

    /** How many confirmations the service does not stand by. */
    async lost(verify: Verify): Promise<number> {
      let lost = 0
      for (const [token, state] of sessions) {
        if (state === 'unsure') continue
        const answer = await verify(token)
        if (answer !== (state === 'in' ? '200' : '401 invalid_session')) lost++
      }
      return lost
    },
  }
}
