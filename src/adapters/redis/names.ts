import type { UserKey } from '../../domain/session.js'
import type { Hash } from '../store/raw-store.js'

/** The keys of one service in Redis. All that is kept of a user lies under one key, and each session under its own. */
export function createNames(prefix: string) {
  return {
    /** What a session's key begins with; its hash follows, for scripts that end several. */
    sessionPrefix: `${prefix}s:`,
    userPrefix: `${prefix}u:`,
    attemptPrefix: `${prefix}a:`,
    session: (hash: Hash) => `${prefix}s:${textOf(hash)}`,
    user: ({ appid, openid }: UserKey) => `${prefix}u:${word(appid)}:${word(openid)}`,
    attempt: (hash: Hash) => `${prefix}a:${textOf(hash)}`,
    count: (name: Hash) => `${prefix}c:${textOf(name)}`,
    token: (appid: string) => `${prefix}t:${appid}`,
    epoch: `${prefix}epoch`,
    probe: `${prefix}probe`,
  }
}

export type Names = ReturnType<typeof createNames>

/** An id without the blanks and colons that keep ids apart; WeChat's have none. */
export function word(id: string): string {
  return /^[\w-]+$/.test(id) ? id : encodeURIComponent(id)
}

/** The hash in what `textOf` made of it. */
export function hashIn(text: string): Hash {
  return Buffer.from(text, 'base64url')
}

/** A hash as a part of a key. */
export function textOf(hash: Hash): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('base64url')
}
