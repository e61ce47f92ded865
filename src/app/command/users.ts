/** `r3session sessions`, `revoke` and `forget`: what services do over HTTP, for whoever has the store at hand. */
import type { UserSessions } from '../../domain/user-sessions.js'
import type { Config } from '../config/config.js'
import type { Env } from '../config/names.js'
import { readConfig } from '../config/read-config.js'
import type { UserCall } from './call.js'
import { CommandFailure, statuses, type Terminal, WrongCall } from './failure.js'

/** What wire-tools.ts has for these commands. */
export interface UserTools {
  /** The mini program that is meant where none is named, and all there are. */
  appidsOf(config: Config): readonly string[]
  /** Runs something with what services may do to the sessions of a user. Fails with a CheckFailure. */
  withUserSessions<T>(config: Config, work: (sessions: UserSessions) => Promise<T>): Promise<T>
}

interface Means extends Terminal {
  readonly env: Env
  readonly tools: UserTools
}

/** Lists the live sessions of a user, the latest first. Throws a CommandFailure, CheckFailure or ConfigError, as the others. */
export async function sessions(call: UserCall, { print, language, ...means }: Means): Promise<number> {
  const list = await withUser(call, means, (sessions, user) => sessions.list(user))
  if (list.length === 0) {
    print({ en: 'No sessions.', zh: '没有会话。' }[language])
    return statuses.done
  }
  const rows = list.map(({ id, ...times }) => [
    id,
    ...[times.createdAt, times.lastSeenAt, times.expiresAt].map((time) => new Date(time).toISOString()),
  ])
  const head = { en: ['id', 'created', 'last seen', 'expires'], zh: ['id', '创建', '最近使用', '过期'] }
  for (const row of [head[language], ...rows]) print(row.join('\t'))
  return statuses.done
}

/** Ends all sessions of a user, on every process at once. */
export async function revoke(call: UserCall, { print, language, ...means }: Means): Promise<number> {
  const count = await withUser(call, means, (sessions, user) => sessions.endAll(user))
  print({ en: `Sessions ended: ${count}.`, zh: `已结束 ${count} 个会话。` }[language])
  return statuses.done
}

/** Ends them likewise and deletes whatever else is kept of the user. */
export async function forget(call: UserCall, { print, language, ...means }: Means): Promise<number> {
  await withUser(call, means, (sessions, user) => sessions.forget(user))
  print({ en: 'Forgotten.', zh: '已删除该用户的全部数据。' }[language])
  return statuses.done
}

async function withUser<T>(
  { openid, appid }: UserCall,
  { env, tools }: Pick<Means, 'env' | 'tools'>,
  work: (sessions: UserSessions, user: { appid: string; openid: string }) => Promise<T>,
): Promise<T> {
  // As WechatIdentity says; a token or a path in its place has another form.
  if (!/^[\x21-\x7e]{1,64}$/.test(openid))
    throw new WrongCall('an openid has 1 to 64 visible characters', 'openid 为 1 至 64 个可见字符')
  const config = readConfig(env)
  const appids = tools.appidsOf(config)
  const chosen = appid ?? appids[0]
  if (chosen === undefined || !appids.includes(chosen))
    throw new WrongCall(
      `there is no mini program ${appid} in the settings: it is one of ${appids.join(', ')}`,
      `配置中没有小程序 ${appid}：可选 ${appids.join('、')}`,
    )
  if (config.store.kind === 'memory')
    throw new CommandFailure(
      'the sessions are in the memory of the service: ask it by /v1/users/{openid}/sessions',
      '会话保存在服务进程的内存中：请通过 /v1/users/{openid}/sessions 操作',
    )
  return tools.withUserSessions(config, (sessions) => work(sessions, { appid: chosen, openid }))
}
