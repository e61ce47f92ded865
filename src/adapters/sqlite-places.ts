import type { UserKey } from '../domain/session.js'

/** What the sealed keys of a user are bound to, so that those of another don't open in their place. */
export function placeOfKeys({ appid, openid }: UserKey): string {
  return JSON.stringify(['users', appid, openid])
}
