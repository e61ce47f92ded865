/** Says in both languages what the start would find where sessions are kept. */
import { existsSync } from 'node:fs'
import type { Text } from '../config/language.js'
import type { FileStore } from '../config/store.js'
import type { StoreSecret } from '../config/store-secret.js'
import { CheckFailure } from './doctor.js'

/** What a look at the store found; the text is the one that the start would say. */
export type StoreFinding =
  | { readonly found: 'nothing' }
  | { readonly found: 'database'; readonly unread?: string; readonly secretFits?: boolean }
  | { readonly found: 'trouble'; readonly trouble: string; readonly text: string }

/**
 * Looks where sessions are kept.
 *
 * @param inspect looks at the store as a start with these secrets would, and changes nothing
 * @throws CheckFailure when the store would not open, or its secret is not the one it was written with
 */
export function checkStore(
  store: FileStore,
  secret: StoreSecret,
  inspect: (secrets: readonly string[]) => StoreFinding,
): Text {
  if (store.kind === 'memory') {
    return { en: 'in memory, and gone when the process ends', zh: '保存在内存中，进程结束即丢失' }
  }
  const secrets = presentIn(secret)
  const { path } = store
  const inspection = inspect(secrets)
  if (inspection.found === 'trouble') throw troubleFailure(path, inspection)
  if (inspection.found === 'nothing') {
    return existsSync(path)
      ? { en: `${path} is empty and is filled at the first start`, zh: `${path} 是空的，首次启动时写入` }
      : {
          en: `${path} does not exist yet and is made at the first start`,
          zh: `${path} 尚不存在，首次启动时创建`,
        }
  }
  if (secrets.length === 0) throw missingSecret(secret.name)
  if (inspection.secretFits === false) throw otherSecret(secret.name)
  if (inspection.unread !== undefined) {
    return {
      en: `${path} can be written; its pages were not read: ${inspection.unread}`,
      zh: `${path} 可写；未通读其内容`,
    }
  }
  return { en: `${path} can be written, and its secret fits`, zh: `${path} 可写，密钥相符` }
}

function presentIn(secret: StoreSecret): readonly string[] {
  try {
    return secret.present()
  } catch (error) {
    throw unusableSecret(secret.name, error instanceof Error ? error.message : '')
  }
}

/** A secret file that is there and holds no secret; `text` says what to do about it. */
function unusableSecret(path: string, text: string): CheckFailure {
  return new CheckFailure(
    { en: `the secret ${path} can't be used`, zh: `密钥文件 ${path} 无法使用` },
    { en: `${text}.`, zh: '请从备份恢复该文件，并确认服务的运行用户可以读取它；或设置 SESSION_SECRET。' },
  )
}

/** What is the matter with the store at the path, and what to do about it; `text` says the latter in English. */
export function troubleFailure(
  path: string,
  { trouble, text }: { trouble: string; text: string },
): CheckFailure {
  const { en, zh, cure } = troubles[trouble] ?? unknownTrouble
  return new CheckFailure({ en: `${path} ${en}`, zh: `${path} ${zh}` }, { en: `${text}.`, zh: cure })
}

const restore = '请从备份恢复（不要保留旧的 -wal 和 -shm 文件）。'
const ownFile = '请在 SESSION_STORE 中指定专用文件，如 sqlite:data/sessions.db。'
const owner = '请将其所有者改为服务的运行用户（chown），或改用其他路径。'

interface TroubleWords extends Text {
  /** What to do, in Chinese. The start's own text says it in English. */
  readonly cure: string
}

/** By the adapter's closed list of troubles. */
const troubles: Readonly<Record<string, TroubleWords>> = {
  lost: {
    en: 'is gone or empty, but something of it is left',
    zh: '不存在或为空，但它的密钥或 WAL 文件还在：数据库被删除或移走了',
    cure: `${restore}若要重新开始，请先把留下的文件移到别处。`,
  },
  directory: {
    en: 'is a directory, not a file',
    zh: '是文件夹，不是文件',
    cure: `挂载的文件不存在时 Docker 会创建同名文件夹：请在宿主机上删除它，改为挂载数据库所在的文件夹。`,
  },
  no_file: { en: 'is no regular file', zh: '不是普通文件', cure: ownFile },
  dangling_link: {
    en: 'is a link to nowhere',
    zh: '是失效的链接',
    cure: '请恢复链接指向的位置，或删除该链接。',
  },
  parent_is_file: { en: 'lies below a file, not in a folder', zh: '的上级是文件，不是文件夹', cure: ownFile },
  no_access: { en: "can't be read and written by this user", zh: '当前用户无权读写', cure: owner },
  folder_not_writable: {
    en: 'lies in a folder that this user can not write',
    zh: '所在的文件夹不可写',
    cure: owner,
  },
  other_owner: { en: 'belongs to another user', zh: '属于另一个用户', cure: owner },
  read_only: {
    en: 'lies on a read-only file system',
    zh: '位于只读文件系统',
    cure: '请以可写方式挂载其文件夹（Docker：卷不要加 :ro）。',
  },
  no_database: { en: 'is no SQLite database', zh: '不是 SQLite 数据库', cure: ownFile },
  other_application: { en: 'is a database of another application', zh: '是其他应用的数据库', cure: ownFile },
  newer_version: {
    en: 'was written by a newer r3session',
    zh: '由更新版本的 r3session 写入',
    cure: '请使用该版本启动。',
  },
  older_version: {
    en: 'was written by an older r3session',
    zh: '由较旧版本的 r3session 写入',
    cure: '请先用当前版本启动一次服务。',
  },
  missing: { en: 'does not exist yet', zh: '尚不存在', cure: '首次启动服务时创建。' },
  damaged: { en: 'is damaged', zh: '已损坏', cure: restore },
  wal_gone: {
    en: 'has lost its -wal file, and the latest logins and logouts with it',
    zh: '的 -wal 文件不见了，最近的登录和退出可能在其中',
    cure: '请放回 -wal 文件；若放弃这些记录继续使用，请先移走旁边的 -shm 文件。',
  },
  wal_unfit: { en: 'does not fit the -wal file beside it', zh: '与旁边的 -wal 文件不匹配', cure: restore },
}

const unknownTrouble: TroubleWords = {
  en: 'does not open',
  zh: '无法打开',
  cure: '请查看英文说明中的错误码。',
}

function missingSecret(path: string): CheckFailure {
  return new CheckFailure(
    { en: `the secret of the database is missing: ${path}`, zh: `缺少数据库的密钥：${path}` },
    {
      en: "Put it back from a backup. With a new one sessions live on, and sealed data opens after each user's next login.",
      zh: '请从备份恢复。若使用新密钥，会话仍有效，加密数据须在用户下次登录后才能解密。',
    },
  )
}

function otherSecret(name: string): CheckFailure {
  return new CheckFailure(
    {
      en: `${name} is the secret of another database: it opens nothing here`,
      zh: `${name} 属于另一个数据库，此处的数据无法用它解开`,
    },
    {
      en: 'Set the secret that this database was written with, behind the new one: SESSION_SECRET=new,old.',
      zh: '请把写入此数据库时的密钥放在新密钥之后：SESSION_SECRET=新,旧。',
    },
  )
}
