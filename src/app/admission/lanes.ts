/**
 * Kinds of work that must not wait for each other. Whoever has a session goes first: however many logins hang at
 * WeChat, a verification finds a place.
 */
export type Lane =
  /** Health: always let in, since a full house is alive. */
  | 'probe'
  /** Who is calling: from memory, or one read of the store. */
  | 'verify'
  /** What ends sessions or lists them: waits for the store alone. */
  | 'ending'
  /** CPU, in the thread that answers everybody. */
  | 'decrypt'
  /** Waits for WeChat, and anybody can ask for it. */
  | 'login'
  /** Waits for WeChat on behalf of someone who has a session. */
  | 'wechat'
  | 'other'

/** How much of one kind of work there may be at once. */
export interface Places {
  /** Requests under way. */
  readonly atMost: number
  /** Requests that wait for a place. */
  readonly waiting: number
  /** For how long they do, in milliseconds. */
  readonly patience: number
}

const none = { waiting: 0, patience: 0 }
/** Smooths a burst. Longer than this nobody should wait to be told that it is too much. */
const short = { patience: 75 }

/**
 * Verifications end within the turn of the loop that they began in, unless the store is slow; so their number is about
 * memory only. The two that wait for WeChat have as many places as there are connections to it (256), which logins
 * never take all.
 */
export const usualPlaces: Readonly<Record<Lane, Places>> = {
  probe: { atMost: Number.POSITIVE_INFINITY, ...none },
  verify: { atMost: 1000, ...none },
  ending: { atMost: 500, ...none },
  decrypt: { atMost: 256, ...none },
  login: { atMost: 192, waiting: 192, ...short },
  wechat: { atMost: 64, waiting: 64, ...short },
  other: { atMost: 256, ...none },
}
