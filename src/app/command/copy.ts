/** `r3session copy`: the sessions of one store in another, of whichever kind. */
import type { Env } from '../config/names.js'
import { readConfig } from '../config/read-config.js'
import { placeOf, type Store, store as storeSetting } from '../config/store.js'
import type { CopyCall } from './call.js'
import { CommandFailure, statuses, type Terminal, WrongCall } from './failure.js'

/** A store that another process can have, too. */
export type SharedStore = Exclude<Store, { kind: 'memory' }>

/** What wire-tools.ts has for this command. Fails with a CheckFailure. */
export interface CopyTools {
  copyStore(
    from: SharedStore,
    to: SharedStore,
    secrets: readonly string[],
  ): Promise<
    | 'in use'
    | 'not empty'
    | 'other secret'
    | { readonly sessions: number; readonly found: number; readonly secretFile: string | undefined }
  >
}

/**
 * Copies every session that lives, with its user's session keys, while nobody serves; the store that is copied stays as
 * it is.
 *
 * @throws CommandFailure, CheckFailure or ConfigError
 */
export async function copy(
  call: CopyCall,
  { env, tools, print, language }: Terminal & { env: Env; tools: CopyTools },
): Promise<number> {
  const config = readConfig(env)
  const [from, to] = [call.from, call.to].map((text) =>
    shared(text === undefined ? config.store : storeIn(text)),
  )
  if (from === undefined || to === undefined || JSON.stringify(from) === JSON.stringify(to))
    throw new WrongCall(
      'copy needs two stores: --from, --to or both, and SESSION_STORE for the one that is left out',
      'copy 需要两个存储：--from、--to 或两者，省略的一个取自 SESSION_STORE',
    )
  const outcome = await tools.copyStore(from, to, config.sessionSecrets)
  const [source, target] = [placeOf(from), placeOf(to)]
  if (outcome === 'in use')
    throw new CommandFailure(
      `${source} or ${target} is open in another process: stop the service first. Nothing was copied`,
      `${source} 或 ${target} 正被其他进程使用：请先停止服务。未复制任何内容`,
    )
  if (outcome === 'not empty')
    throw new CommandFailure(
      `there are sessions in ${target} already: name a store without any (another file, or another ?prefix=)`,
      `${target} 中已有会话：请指定没有会话的存储（其他文件，或其他 ?prefix=）`,
    )
  if (outcome === 'other secret')
    throw new CommandFailure(
      `SESSION_SECRET does not open what is in ${source}: set the secret that it was written with. Of a SQLite file without SESSION_SECRET that is SESSION_SECRET_FILE=<file>.secret`,
      `SESSION_SECRET 无法解开 ${source} 中的数据：请设置写入时所用的密钥。若 SQLite 未配置 SESSION_SECRET，则为 SESSION_SECRET_FILE=<文件>.secret`,
    )
  const { sessions, found, secretFile } = outcome
  if (found !== sessions)
    throw new CommandFailure(
      `of ${sessions} sessions in ${source}, ${found} are in ${target} as they were: does a service run? Empty ${target} and try again`,
      `${source} 的 ${sessions} 个会话中，只有 ${found} 个完整地到了 ${target}：是否有服务在运行？请清空 ${target} 后重试`,
    )
  const en = [
    `${sessions} sessions of ${source} are in ${target}, each looked up there.`,
    secretFile &&
      `Serve from there with SESSION_SECRET_FILE=${secretFile}, the secret that opens its session keys.`,
    `${source} is as it was: sessions that end from now on stay in it. Delete it once you serve from the other.`,
  ]
  const zh = [
    `${source} 的 ${sessions} 个会话已复制到 ${target}，并逐一核对。`,
    secretFile && `从那里提供服务时请配置 SESSION_SECRET_FILE=${secretFile}，即解开 session_key 的密钥。`,
    `${source} 保持原样，此后结束的会话仍在其中；改用新存储后请删除它。`,
  ]
  print({ en, zh }[language].filter(Boolean).join('\n'))
  return statuses.done
}

function shared(store: Store): SharedStore {
  if (store.kind === 'memory')
    throw new CommandFailure(
      'sessions in memory are those of another process: nothing can be copied',
      '内存中的会话属于其他进程，无法复制',
    )
  return store
}

function storeIn(text: string): Store {
  const read = storeSetting.safeParse(text)
  // The address may hold a password, so that it is not repeated.
  if (!read.success)
    throw new WrongCall(
      'a store is sqlite:<path> or redis://<host>, as in SESSION_STORE',
      '存储的写法与 SESSION_STORE 相同：sqlite:<路径> 或 redis://<主机>',
    )
  return read.data
}
