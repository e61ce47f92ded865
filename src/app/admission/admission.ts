/** Who is let in: bounded places for each kind of work, so that none of them takes the others' away. */
import { R3SessionError } from '../../domain/errors.js'
import { type Lane, type Places, usualPlaces } from './lanes.js'

export interface Admission {
  /**
   * Fails with `overloaded` where no place could be had now. Takes none: it spares the reading of what would be
   * refused anyway.
   */
  check(lane: Lane): void
  /**
   * Takes a place, which the caller has to `leave`; a promise where it waits for one. Fails with `overloaded` where
   * there is none, or none comes free in time.
   */
  enter(lane: Lane): Promise<void> | undefined
  /** Gives a place back, to whoever waits the longest. */
  leave(lane: Lane): void
}

interface State extends Places {
  taken: number
  /** Those who wait, the first first. */
  readonly queue: Set<() => void>
}

/** Made once: an Error costs as much as a tenth of a verification, and here there are thousands a second. */
const overloaded = new R3SessionError('overloaded')

/**
 * @param after calls `run` once after so many milliseconds, unless the function that it gives back is called before
 * @param shed is told of each request that was not let in
 */
export function createAdmission({
  places = usualPlaces,
  after,
  shed = () => {},
}: {
  places?: Readonly<Record<Lane, Places>>
  after: (milliseconds: number, run: () => void) => () => void
  shed?: (lane: Lane) => void
}): Admission {
  const state = (lane: Lane): State => ({ ...places[lane], taken: 0, queue: new Set() })
  const lanes: Readonly<Record<Lane, State>> = {
    probe: state('probe'),
    verify: state('verify'),
    ending: state('ending'),
    decrypt: state('decrypt'),
    login: state('login'),
    wechat: state('wechat'),
    other: state('other'),
  }

  function refusal(lane: Lane): R3SessionError {
    shed(lane)
    return overloaded
  }

  function wait(lane: Lane, { queue, patience }: State): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = after(patience, () => {
        queue.delete(next)
        reject(refusal(lane))
      })
      const next = () => {
        cancel()
        resolve()
      }
      queue.add(next)
    })
  }

  return {
    check(lane) {
      const { taken, atMost, queue, waiting } = lanes[lane]
      if (taken >= atMost && queue.size >= waiting) throw refusal(lane)
    },

    enter(lane) {
      const state = lanes[lane]
      if (state.taken < state.atMost) {
        state.taken++
        return undefined
      }
      if (state.queue.size >= state.waiting) throw refusal(lane)
      return wait(lane, state)
    },

    leave(lane) {
      const state = lanes[lane]
      const [next] = state.queue.size === 0 ? [] : state.queue
      if (next === undefined) {
        state.taken--
        return
      }
      // The place stays taken, by another.
      state.queue.delete(next)
      next()
    },
  }
}
