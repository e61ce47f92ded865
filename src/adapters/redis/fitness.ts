/** What a Redis has to be for sessions to be kept in it, by what it says of itself (INFO). */

/** Why a server is not used. The text is one line, and names the cure. */
export class UnfitError extends Error {}

/** What is worth a word, but keeps nobody from starting. */
export type Doubt = 'no persistence'

/** The first version with all that the scripts use. */
const OLDEST = { major: 6, minor: 2 }

/**
 * Looks at a server's INFO.
 *
 * @param isCluster whether it is used as a node of one
 * @throws UnfitError where it must not be used, and any other Error where it can't be used yet
 */
export function examine(info: string, isCluster: boolean): readonly Doubt[] {
  const fields = new Map(
    info.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':')
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : []
    }),
  )
  // In Redis's words, as it would say to a command.
  if (fields.get('loading') === '1') throw new Error('LOADING is under way')
  const version = fields.get('redis_version') ?? ''
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor)) {
    throw new UnfitError(`Redis ${version} is too old: 6.2 or later is needed`)
  }
  const policy = fields.get('maxmemory_policy') ?? 'noeviction'
  if (policy !== 'noeviction') {
    throw new UnfitError(
      `maxmemory-policy is ${policy}: a Redis that is full would throw away who was logged out, and who is logged in; set it to noeviction`,
    )
  }
  if (!isCluster && fields.get('cluster_enabled') === '1') {
    throw new UnfitError('it is a node of a cluster: name two or more of its nodes in SESSION_STORE')
  }
  const [aof, snapshots] = [fields.get('aof_enabled'), fields.get('rdb_last_save_time')]
  return aof === '0' && snapshots !== undefined ? ['no persistence'] : []
}
