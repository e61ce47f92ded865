/** Who is let in: bounded places for each kind of work, so that none of them takes the others' away. */
import { R3SessionError } from '../../domain/errors.js'
import { type Lane, type Places, usualPlaces } from './lanes.js'
import { type Lateness, punctual } from './lateness.js'
import { createUploads, type Upload } from './uploads.js'

export interface Admission {
  /**
   * Whether no place could be had at this instant, or the loop is too late for this kind of work. Takes no place: it
   * spares the reading of what would be refused anyway.
   */
  refuses(lane: Lane): boolean
  /** A body begins to arrive. Where there are too many, `giveUp` is called with the error that it ends with. */
  upload(lane: Lane, giveUp: (error: R3SessionError) => void): Upload
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
export const overloaded = new R3SessionError('overloaded')

/**
 * @param after calls `run` once after so many milliseconds, unless the function that it gives back is called before
 * @param shed is told of each request that was not let in
 */
export function createAdmission({
  places = usualPlaces,
  lateness = punctual,
  after,
  shed = () => {},
}: {
  places?: Readonly<Record<Lane, Places>>
  lateness?: Lateness
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

  const uploads = createUploads()

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
    refuses(lane) {
      const { taken, atMost, queue, waiting, late, few } = lanes[lane]
      const isFull = taken >= atMost && queue.size >= waiting
      // Verifications don't ask how late it is, so that nobody looks at the clock for them.
      const isLate = !isFull && late !== Number.POSITIVE_INFINITY && lateness.now() > late && taken >= few
      if (isFull || isLate) shed(lane)
      return isFull || isLate
    },

    upload: (lane, giveUp) => uploads.begin(() => giveUp(refusal(lane))),

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
