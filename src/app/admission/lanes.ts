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
  /** How late the event loop may be for one more to be let in, in milliseconds. */
  readonly late: number
  /** Requests under way that are let in however late it is: so few overload nobody, they find a slow machine. */
  readonly few: number
}

const none = { waiting: 0, patience: 0 }
/** Smooths a burst. Longer than this nobody should wait to be told that it is too much. */
const patience = 75
/** A verification costs hardly more than its refusal, so nobody would gain by one. */
const never = Number.POSITIVE_INFINITY

/**
 * The loop that is late sheds what costs most and can best come again: logins and decryptions first, then what has a
 * session or a key to show, verifications never.
 *
 * Verifications and decryptions of one turn of the loop end together at its end, once the store was asked whether any
 * session has ended meanwhile. So the number of verifications is about memory only: there are more places than requests
 * that one turn reads (1,024). That of decryptions says how long a turn may become, some 100 ms. The two that wait for
 * WeChat have as many places as there are connections to it (256), which logins never take all.
 */
export const usualPlaces: Readonly<Record<Lane, Places>> = {
  probe: { atMost: Number.POSITIVE_INFINITY, ...none, late: never, few: 0 },
  verify: { atMost: 4096, ...none, late: never, few: 0 },
  ending: { atMost: 500, ...none, late: 250, few: 16 },
  decrypt: { atMost: 512, ...none, late: 60, few: 0 },
  login: { atMost: 192, waiting: 192, patience, late: 60, few: 16 },
  wechat: { atMost: 64, waiting: 64, patience, late: 120, few: 16 },
  other: { atMost: 256, ...none, late: 120, few: 16 },
}
