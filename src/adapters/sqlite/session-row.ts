import type { Session } from '../../domain/session.js'

export type SessionRow = Omit<Session, 'unionid'> & { readonly unionid: string | null }

export const SESSION_COLUMNS = `appid, openid, id, unionid, created_at AS createdAt, last_seen_at AS lastSeenAt,
  expires_at AS expiresAt`

export function sessionOf({ unionid, ...session }: SessionRow): Session {
  return unionid === null ? session : { ...session, unionid }
}
