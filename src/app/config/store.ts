/** `SESSION_STORE`: where sessions are kept. */
import * as z from 'zod'
import { type RedisAddress, redisAddress, redisPlace } from './redis-address.js'
import { type Rule, rule } from './rules.js'

/** A store, by its kind; each kind has what it needs. */
export type Store = FileStore | { readonly kind: 'redis'; readonly address: RedisAddress }

export type FileStore = { readonly kind: 'memory' } | { readonly kind: 'sqlite'; readonly path: string }

/** A path that can be shown again: none of the URLs that may hold a password. */
const PLAIN_PATH = /^[\w./-]{1,200}$/

const form = rule('must be sqlite:<path> or redis://<host>', '须为 sqlite:<路径> 或 redis://<主机>')

export const store = z
  .string()
  .superRefine((text, context) => {
    const params = broken(text)
    if (params !== undefined) context.addIssue({ code: 'custom', params: { ...params } })
  })
  .transform((text): Store => {
    const address = isRedis(text) ? redisAddress(text) : undefined
    if (address !== undefined && !('broken' in address)) return { kind: 'redis', address }
    const path = text.replace(/^sqlite:/, '')
    return path === ':memory:' ? { kind: 'memory' } : { kind: 'sqlite', path }
  })

/** Where it is, for showing. */
export function placeOf(store: Store): string {
  return store.kind === 'redis' ? redisPlace(store.address) : pathOf(store)
}

/** What SQLite calls it. */
export function pathOf(store: FileStore): string {
  return store.kind === 'memory' ? ':memory:' : store.path
}

function isRedis(text: string): boolean {
  return /^rediss?:/i.test(text)
}

/** What is wrong with the text, as a rule that names what was probably meant. */
function broken(text: string): Rule | undefined {
  if (isRedis(text)) {
    const address = redisAddress(text)
    return 'broken' in address ? address.broken : undefined
  }
  if (text === ':memory:') return didYouMean(text, form)
  const [, path] = /^sqlite:(.*)$/s.exec(text) ?? []
  if (path === undefined) {
    const [, loose = ''] = /^(?:sqlite3?|file):(?:\/\/(?=\/|[^/]))?(.*)$/i.exec(text) ?? []
    return didYouMean(PLAIN_PATH.test(loose) ? loose : shown(text, 'data/sessions.db'), form)
  }
  if (path === '' || path.trim() !== path) return form
  if (/^~|^%\w+%|^\$/.test(path)) {
    const whole = rule(
      'must be a whole path: ~ and $HOME are not replaced here',
      '须写完整路径：此处不展开 ~ 和 $HOME',
    )
    return didYouMean('/home/me/sessions.db', whole)
  }
  if (path.startsWith('//')) {
    const plain = path.replace(/^\/+/, path.startsWith('///') ? '/' : '')
    const slashes = rule('must have no // in front of its path', '的路径前不应有 //')
    return didYouMean(shown(plain, 'data/sessions.db'), slashes)
  }
  if (/[/\\]$/.test(path) || /(^|\/)\.{1,2}$/.test(path)) {
    const file = rule('must name a file, not a folder', '须为文件，而不是文件夹')
    return didYouMean(`${shown(path, 'data').replace(/\/$/, '')}/sessions.db`, file)
  }
  return undefined
}

function shown(path: string, otherwise: string): string {
  return PLAIN_PATH.test(path) ? path : otherwise
}

function didYouMean(path: string, { en, zh }: Rule): Rule {
  return rule(`${en}; did you mean sqlite:${path}?`, `${zh}；是否想写 sqlite:${path}？`)
}
