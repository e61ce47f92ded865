/**
 * A session as one text, which scripts take apart at its blanks: neither ids nor numbers have any.
 *
 *     <appid> <openid> <unionid or -> <id> <createdAt> <lastSeenAt> <expiresAt>     under its hash
 *     <hash> <unionid or -> <createdAt> <lastSeenAt> <expiresAt>                    with its user, under its id
 */
import type { Session, UserKey } from '../../domain/session.js'
import type { Hash } from '../store/raw-store.js'
import { textOf, word } from './names.js'

/** Stands before the text of a session whose ending is under way, in a cluster. */
const ENDED = '!'

export function sessionText(session: Session): string {
  const { appid, openid, id } = session
  return `${word(appid)} ${word(openid)} ${unionWord(session)} ${id} ${timesText(session)}`
}

export function entryText(tokenHash: Hash, session: Session): string {
  return `${textOf(tokenHash)} ${unionWord(session)} ${timesText(session)}`
}

/** `undefined` for one that is not there, or is being ended. */
export function sessionIn(text: string | null): Session | undefined {
  return text === null || text.startsWith(ENDED) ? undefined : parse(text)
}

/** The session whose ending began, also where it had begun before. */
export function endedSessionIn(text: string | null): Session | undefined {
  return text === null ? undefined : parse(text.replace(ENDED, ''))
}

/** The session that a user has under this id. */
export function sessionOfEntry({ appid, openid }: UserKey, id: string, entry: string): Session {
  const [, unionid, ...times] = entry.split(' ')
  return sessionOf({ appid, openid }, id, unionid, times)
}

function parse(text: string): Session {
  const [appid = '', openid = '', unionid, id = '', ...times] = text.split(' ')
  return sessionOf(
    { appid: decodeURIComponent(appid), openid: decodeURIComponent(openid) },
    id,
    unionid,
    times,
  )
}

function sessionOf(
  { appid, openid }: UserKey,
  id: string,
  unionid: string | undefined,
  [createdAt, lastSeenAt, expiresAt]: readonly string[],
): Session {
  const session = {
    appid,
    openid,
    id,
    createdAt: Number(createdAt),
    lastSeenAt: Number(lastSeenAt),
    expiresAt: Number(expiresAt),
  }
  return unionid === undefined || unionid === '-'
    ? session
    : { ...session, unionid: decodeURIComponent(unionid) }
}

function unionWord({ unionid = '-' }: Session): string {
  return word(unionid)
}

function timesText({ createdAt, lastSeenAt, expiresAt }: Session): string {
  return `${createdAt} ${lastSeenAt} ${expiresAt}`
}
