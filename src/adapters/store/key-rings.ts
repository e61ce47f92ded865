import type { KeyRing } from '../../domain/key-ring.js'
import type { KeyRingRepository, Sealer } from '../../domain/ports.js'
import type { UserKey } from '../../domain/session.js'
import { createBoundedCache, type Markable } from './bounded-cache.js'
import type { RawStore, RingChange, SealedText } from './raw-store.js'

/** A ring as it lies in a raw store. */
export interface SealedRing {
  readonly user: UserKey
  readonly sealed: SealedText
}

/** Whether the sealer's secrets are those that a ring was sealed with. */
export function opensRing({ user, sealed }: SealedRing, sealer: Sealer): boolean {
  return sealer.open(sealed, placeOf(user)) !== undefined
}

/**
 * Users whose opened rings are remembered. It is enough for those who decrypt at one time, and little for who gets hold
 * of the memory: that has the sealing secret in it, and keys at every login.
 */
const OPENED = 2000

interface OpenedRing extends Markable {
  readonly sealed: SealedText
  readonly ring: KeyRing
}

/**
 * A KeyRingRepository over any raw store; rings are sealed, each for its own user.
 *
 * The ring on record is read each time, but opened only when it is another one than the last time.
 */
export function createKeyRings(raw: RawStore, sealer: Sealer): KeyRingRepository {
  const opened = createBoundedCache<OpenedRing>(OPENED)

  return {
    async keys(user) {
      const sealed = await raw.ring(user)
      const place = placeOf(user)
      const earlier = opened.get(place)
      if (earlier !== undefined && earlier.sealed === sealed) return earlier.ring
      const ring = openRing(sealed, user, sealer)
      if (sealed === undefined) opened.delete(place)
      else opened.set(place, { sealed, ring, wasUsed: false })
      return ring
    },

    async change({ appid, openid }, change) {
      const user = { appid, openid }
      await changeRing(raw, sealer, user, change, (ring) => raw.putRing(user, ring))
    },
  }
}

/** Records the ring that `change` makes of the present one; nothing where it makes none, or the very same. */
export async function changeRing<Outcome>(
  raw: RawStore,
  sealer: Sealer,
  user: UserKey,
  change: (ring: KeyRing) => KeyRing,
  record: (ring: RingChange) => Promise<Outcome | 'outdated'>,
): Promise<Outcome | undefined> {
  for (;;) {
    const replaces = await raw.ring(user)
    const present = openRing(replaces, user, sealer)
    const ring = change(present)
    if (ring === present) return undefined
    const outcome = await record({ sealed: sealer.seal(JSON.stringify(ring), placeOf(user)), replaces })
    // Otherwise another change of this ring came between, and this one starts from what it left.
    if (outcome !== 'outdated') return outcome
  }
}

function openRing(sealed: SealedText | undefined, user: UserKey, sealer: Sealer): KeyRing {
  const ring = sealed === undefined ? undefined : sealer.open(sealed, placeOf(user))
  return ring === undefined ? [] : JSON.parse(ring)
}

/** What a sealed ring is bound to, so that another user's does not open in its place. */
function placeOf({ appid, openid }: UserKey): string {
  return JSON.stringify(['users', appid, openid])
}
