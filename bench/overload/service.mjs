/** The service as it ships, within little memory, in front of a WeChat that can be told to be slow. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { contestants } from '../contestants.mjs'
import { r3session } from '../protocols.mjs'
import { toBytes } from '../runner/requests.mjs'
import { startHelper, startServer } from '../runner/servers.mjs'
import { freshPrefix, logInUsers } from '../runner/sessions.mjs'

const SESSIONS = 500
/** An old generation for a container of 256 MB; the young one is that of `npm start`. */
const LITTLE = '--max-old-space-size=128'

export async function startOverloaded(folder, more = {}) {
  const ours = contestants.find(({ name }) => name === 'r3session')
  await ours.prepare()
  const weixin = await startHelper('../wechat/moods.mjs', {})
  const start = (settings) => {
    const { command, env, cwd } = ours.start(settings)
    return {
      command,
      cwd,
      env: { ...env, NODE_OPTIONS: LITTLE, ...more },
    }
  }
  const server = await startServer(
    { ...ours, start },
    { wechat: `http://127.0.0.1:${weixin.port}`, store: join(folder, 'sessions.db') },
    folder,
  )
  const users = await logInUsers(ours, server, SESSIONS)

  /** What gives the bytes of one request after the other. */
  const nextOf = {
    login() {
      const [head, tail] = toBytes(r3session.login(`${freshPrefix()}~##########`)).split('##########')
      let sent = 0
      return () => Buffer.from(head + String(++sent).padStart(10, '0') + tail, 'latin1')
    },
    ...Object.fromEntries(
      Object.entries(r3session.asks).map(([name, { request }]) => [
        name,
        () => {
          const all = users.map((user) => Buffer.from(toBytes(request(user))))
          let sent = 0
          return () => all[sent++ % all.length]
        },
      ]),
    ),
  }

  const memory = (field) =>
    Number(
      new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(
        readFileSync(`/proc/${server.pid}/status`, 'utf8'),
      )?.[1],
    ) / 1024

  return {
    server,
    users,
    next: (name) => nextOf[name](),
    /** Milliseconds of WeChat's answers; `null` where it hangs. */
    mood: (delay) => weixin.ask({ delay }),
    /** MB that it has now, and had at most. */
    memory: () => ({ now: memory('VmRSS'), most: memory('VmHWM') }),
    async stop() {
      await server.stop()
      await weixin.stop()
    },
  }
}
