import type { Session } from '../../domain/session.js'
import { UNPACKED_ID } from './packing.js'

export type SessionRow = Omit<Session, 'unionid'> & { readonly unionid: string | null }

/** Apps are few, and their names long: rows name them by a number. Nothing is found of an app that is not known. */
export const APP = '(SELECT id FROM apps WHERE appid = @appid)'

export const OF_USER = `app = ${APP} AND openid = @openid`

export const SESSION_COLUMNS = `(SELECT appid FROM apps WHERE apps.id = sessions.app) AS appid, openid,
  ${UNPACKED_ID} AS id, unionid, created_at AS createdAt, last_seen_at AS lastSeenAt, expires_at AS expiresAt`

/** Names each field: the rest of a row would be copied in a slower way, and this is done for every session in use. */
export function sessionOf(row: SessionRow): Session {
  const { appid, openid, id, unionid, createdAt, lastSeenAt, expiresAt } = row
  const session = { appid, openid, id, createdAt, lastSeenAt, expiresAt }
  return unionid === null ? session : { ...session, unionid }
}
