/** Says in both languages what the start would find in Redis. */
import type { Text } from '../config/language.js'
import { CheckFailure } from './doctor.js'

/**
 * Looks whether Redis can be used.
 *
 * @param reach connects once: resolves when Redis can be used, or fails with why not; tells what is found meanwhile
 * @throws CheckFailure where it can't be used
 */
export async function checkRedis(
  place: string,
  reach: (news: {
    lost: (reason: string) => void
    found: (doubts: readonly string[]) => void
  }) => Promise<unknown>,
): Promise<Text> {
  let reason: string | undefined
  let doubts: readonly string[] = []
  try {
    await reach({
      lost: (why) => {
        reason = why
      },
      found: (odd) => {
        doubts = odd
      },
    })
  } catch (error) {
    const why = reason ?? (error instanceof Error ? error.message : '')
    throw new CheckFailure(
      { en: `${place} can't be used: ${why}`, zh: `${place} 无法使用：${why}` },
      {
        en: 'Check the address, user name and password in SESSION_STORE, TLS (rediss://), and the settings of Redis.',
        zh: '请检查 SESSION_STORE 中的地址、用户名和密码、是否使用 TLS（rediss://），以及 Redis 的配置。',
      },
    )
  }
  return doubts.length === 0
    ? { en: `${place} can be used`, zh: `${place} 可用` }
    : {
        en: `${place} can be used, but keeps nothing on its disk: a restart of Redis logs everybody out (appendonly yes)`,
        zh: `${place} 可用，但未开启持久化：Redis 重启后所有用户须重新登录（appendonly yes）`,
      }
}
