/**
 * A session as one text, which scripts take apart at its blanks: neither ids nor numbers have any.
 *
 *     <appid> <openid> <unionid or -> <id> <createdAt> <lastSeenAt> <expiresAt>
 */
import type { Session } from '../../domain/session.js'
import { word } from './names.js'

/** Stands before the text of a session whose ending is under way, in a cluster. */
const ENDED = '!'

export function sessionText(session: Session): string {
  const { appid, openid, unionid = '-', id, createdAt, lastSeenAt, expiresAt } = session
  const ids = `${word(appid)} ${word(openid)} ${word(unionid)} ${id}`
  return `${ids} ${createdAt} ${lastSeenAt} ${expiresAt}`
}

/** `undefined` for one that is not there, or is being ended. */
export function sessionIn(text: string | null): Session | undefined {
  return text === null || text.startsWith(ENDED) ? undefined : parse(text)
}

/** The session whose ending began, also where it had begun before. */
export function endedSessionIn(text: string | null): Session | undefined {
  return text === null ? undefined : parse(text.replace(ENDED, ''))
}

function parse(text: string): Session {
  const [appid = '', openid = '', unionid, id = '', createdAt, lastSeenAt, expiresAt] = text.split(' ')
  const session = {
    appid: decodeURIComponent(appid),
    openid: decodeURIComponent(openid),
    id,
    createdAt: Number(createdAt),
    lastSeenAt: Number(lastSeenAt),
    expiresAt: Number(expiresAt),
  }
  return unionid === undefined || unionid === '-'
    ? session
    : { ...session, unionid: decodeURIComponent(unionid) }
}
