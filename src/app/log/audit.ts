import type { DomainEvent } from '../../domain/events.js'

/** What an audit line can say that was done. Tools read these, so they stay as they are. */
export const deeds = [
  'log in',
  'log out',
  'make room',
  'end session',
  'end sessions',
  'forget user',
  'replace session_key',
  'drop session_key',
  'refuse sealed data',
  'get phone number',
  'get access_token',
  'sign with session_key',
  'get encryption keys',
] as const

/** The fields of an audit line besides level, time and message: these and no others. */
export interface AuditLine {
  readonly did: (typeof deeds)[number]
  readonly appid: string
  /** The user and the session, as pseudonyms. */
  readonly user?: string
  readonly session?: string
  /** How many sessions were ended. */
  readonly count?: number
  /** Where a service did it: its request, and the name of its key. */
  readonly requestId?: string
  readonly serviceKey?: string
}

/**
 * What the audit has to tell of an event, and nothing of those that changed and gave away nothing. Events are told after
 * the deed, so there is no line for what failed; the request's own line has that.
 *
 * @param pseudonym the name under which an id stands in the log
 */
export function auditLine(
  event: DomainEvent,
  pseudonym: (...id: readonly string[]) => string,
): AuditLine | undefined {
  if (!('user' in event)) {
    if (event.type !== 'access_token_vended') return undefined
    return { did: 'get access_token', appid: event.appid, ...event.by }
  }
  const { appid, openid } = event.user
  const did = deedOf(event)
  if (did === undefined) return undefined
  const line = { did, appid, user: pseudonym('user', appid, openid) }
  if (event.type === 'login') return { ...line, session: pseudonym('session', event.sessionId) }
  if (event.type === 'sessions_ended') return { ...line, count: event.count, ...event.by }
  return event.type === 'signed' || event.type === 'encrypt_keys' ? { ...line, ...event.by } : line
}

function deedOf(event: DomainEvent & { user: unknown }): AuditLine['did'] | undefined {
  switch (event.type) {
    case 'login':
      return 'log in'
    case 'sessions_ended':
      return endings[event.reason]
    case 'key_replaced':
      return event.by === 'reset' ? 'replace session_key' : 'drop session_key'
    case 'decryption':
      return event.key === 'none' ? 'refuse sealed data' : undefined
    case 'phone_number':
      return 'get phone number'
    case 'signed':
      return 'sign with session_key'
    case 'encrypt_keys':
      return 'get encryption keys'
  }
}

const endings = {
  logout: 'log out',
  made_room: 'make room',
  ended: 'end session',
  all_ended: 'end sessions',
  forgotten: 'forget user',
} as const
