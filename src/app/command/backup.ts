/** `r3session backup` and `r3session restore`: the SQLite store in one file, and back. */
import { existsSync } from 'node:fs'
import type { Config } from '../config/config.js'
import type { Env } from '../config/names.js'
import { readConfig } from '../config/read-config.js'
import { storeSecretOf } from '../config/store-secret.js'
import { isServed } from '../doctor/port.js'
import type { FileCall } from './call.js'
import { CommandFailure, statuses, type Terminal } from './failure.js'

interface Contents {
  readonly sessions: number
  readonly users: number
}

/** What wire-tools.ts has for these commands; all of it fails with a CheckFailure. */
export interface BackupTools {
  /** `undefined` where there is no database. */
  backUp(
    path: string,
    to: string,
    besides: readonly string[],
  ): Promise<(Contents & { readonly bytes: number }) | undefined>
  restore(options: {
    from: string
    path: string
    endSessions: boolean
    mayReplace: () => Promise<boolean>
    secrets: readonly string[]
  }): Promise<'in use' | (Contents & { readonly replaced: string | undefined; readonly secretFits: boolean })>
}

interface Means extends Terminal {
  readonly env: Env
  readonly tools: BackupTools
}

/**
 * Makes a copy of the store in a new file.
 *
 * @throws CommandFailure, CheckFailure or ConfigError
 */
export async function backup({ file }: FileCall, { env, tools, print, language }: Means): Promise<number> {
  const { config, path } = settingsOf(env)
  if (existsSync(file))
    throw new CommandFailure(
      `${file} is there already: name a new file, so that no backup is lost for another`,
      `${file} 已存在：请指定新的文件名，以免覆盖已有备份`,
    )
  const secret = storeSecretOf(config)
  const made = await tools.backUp(path, file, secret.files)
  if (made === undefined)
    throw new CommandFailure(
      `there is nothing to back up: no database at ${path}`,
      `没有可备份的内容：${path} 处没有数据库`,
    )
  const { sessions, users, bytes } = made
  print(
    {
      en: `${file}: ${sessions} sessions, the session keys of ${users} users, ${bytes} bytes, read back whole.
Not in it: the secret that opens the session keys (${secret.name}). Keep a copy of that in another place.`,
      zh: `${file}：${sessions} 个会话，${users} 位用户的 session_key，共 ${bytes} 字节，已通读校验。
其中不含解开 session_key 的密钥（${secret.name}），请另存于别处。`,
    }[language],
  )
  return statuses.done
}

/**
 * Puts such a copy in the place of the store.
 *
 * @throws CommandFailure, CheckFailure or ConfigError
 */
export async function restore(
  { file, endSessions }: FileCall,
  { env, tools, print, language }: Means,
): Promise<number> {
  const { config, path } = settingsOf(env)
  if (!existsSync(file)) throw new CommandFailure(`there is no file ${file}`, `文件 ${file} 不存在`)
  const secret = storeSecretOf(config)
  const restored = await tools.restore({
    from: file,
    path,
    endSessions,
    mayReplace: async () => !(await isServed(config)),
    secrets: secret.present(),
  })
  if (restored === 'in use')
    throw new CommandFailure(
      `${path} is open in another process: stop the service first. Nothing was changed`,
      `${path} 正被其他进程使用：请先停止服务。未作任何改动`,
    )
  const { sessions, users, replaced, secretFits } = restored
  const en = [
    `${path} is ${file} now: ${sessions} sessions, the session keys of ${users} users.`,
    replaced && `What was there is in ${replaced}; delete that when it is not needed any more.`,
    !secretFits &&
      `${secret.name} does not open its session keys: put the secret in place that belongs to it. With another one sessions live on, and sealed data opens after each user's next login.`,
    !endSessions &&
      sessions > 0 &&
      'Sessions that were ended after the backup was made live again; restore with --end-sessions ends them all.',
  ]
  const zh = [
    `${path} 已替换为 ${file}：${sessions} 个会话，${users} 位用户的 session_key。`,
    replaced && `原来的文件在 ${replaced}，确认不再需要后请删除。`,
    !secretFits &&
      `${secret.name} 无法解开其中的 session_key：请放回与之对应的密钥。若使用其他密钥，会话仍有效，加密数据须在用户下次登录后才能解密。`,
    !endSessions && sessions > 0 && '备份之后结束的会话重新有效；用 --end-sessions 恢复可结束全部会话。',
  ]
  print({ en, zh }[language].filter(Boolean).join('\n'))
  return statuses.done
}

function settingsOf(env: Env): { config: Config; path: string } {
  const config = readConfig(env)
  const { store } = config
  if (store.kind === 'redis')
    throw new CommandFailure(
      'the sessions are in Redis: back them up as Redis is backed up (its RDB or AOF files)',
      '会话保存在 Redis 中：请按 Redis 的方式备份与恢复（RDB 或 AOF 文件）',
    )
  if (store.kind === 'memory')
    throw new CommandFailure(
      'the sessions are in memory: there is no file to back up or to restore',
      '会话保存在内存中：没有可备份或恢复的文件',
    )
  return { config, path: store.path }
}
