import type { Environment } from '../state/environment.js'
import { type Kept, whole } from '../state/kept.js'
import { SandboxError } from '../state/sandbox-error.js'

/** A hundred years: further on instants would not fit into what counts them. */
const FURTHEST = 100 * 365 * 24 * 3600_000

/** A clock that can be moved forward, on top of one that goes by itself. */
export function createMovableClock(base: Environment['clock']) {
  let ahead = 0

  return {
    clock: () => base() + ahead,

    /** Moves it by so many milliseconds and gives what it says then. Fails with a SandboxError for no such number. */
    advance(milliseconds: unknown): number {
      const isFine =
        typeof milliseconds === 'number' && Number.isSafeInteger(milliseconds) && milliseconds >= 0
      if (!isFine || ahead + milliseconds > FURTHEST)
        throw new SandboxError(
          'advance must be a whole number of milliseconds, from 0 to a hundred years in all',
        )
      ahead += milliseconds
      return base() + ahead
    },

    kept: {
      save: () => ahead,
      read(json, place) {
        const read = whole.read(json ?? 0, place)
        if (read < 0 || read > FURTHEST) throw new SandboxError(`${place} must be from 0 to a hundred years`)
        return () => {
          ahead = read
        }
      },
    } satisfies Kept,
  }
}
