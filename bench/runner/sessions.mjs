/** Logs users in, and holds every answer against whom it should name. */
import { createHash, randomBytes } from 'node:crypto'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { root } from '../contestants.mjs'
import { userOf } from '../protocols.mjs'
import { ask } from './servers.mjs'

const AT_ONCE = 16
const CHECKED = 40

/** Letters that no code of this or another run has begun with. */
export const freshPrefix = () => randomBytes(6).toString('hex')

const looksLikeToken = (code) => createHash('sha512').update(code).digest('hex')

/** So many users logged in, with what they show from then on; for a bare rival with what looks like it. */
export async function logInUsers(contestant, server, count) {
  const prefix = freshPrefix()
  const users = Array.from({ length: count }, (_, n) => userOf(`${prefix}${n}`))
  const { protocol } = contestant
  if (protocol.isBare) return users.map((user) => ({ ...user, credential: looksLikeToken(user.code) }))
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  let next = 0
  async function client() {
    while (next < users.length) {
      const user = users[next++]
      const answer = await ask(server.port, protocol.login(user.code), agent)
      user.credential = answer && answer.status < 300 ? protocol.credentialOf(answer) : undefined
      if (!user.credential) throw new Error(`a login failed: ${answer?.status} ${answer?.body.slice(0, 200)}`)
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, client))
  } finally {
    agent.destroy()
  }
  return users
}

/**
 * Fails unless the operation is answered with a 2xx that names the right user, for some of them, and names nobody for a
 * stranger. A login is right when the session that it gave names the user.
 */
export async function checkAnswers(operation, contestant, server, users) {
  const { protocol, name } = contestant
  if (protocol.isBare) {
    const request = requestsOf(operation, contestant, users.slice(0, 1))[0]
    const answer = await ask(server.port, request)
    if (answer?.status !== 200) throw new Error(`${name} answers ${answer?.status}`)
    return
  }
  const step = Math.ceil(users.length / CHECKED)
  const some = users.filter((_, n) => n % step === 0)
  if (operation.kind === 'login') {
    const { verify, decrypt } = protocol.asks
    await checkEach(verify ?? decrypt, server, await logInUsers(contestant, server, 5))
    return
  }
  const asking = protocol.asks[operation.asks]
  await checkEach(asking, server, some)
  const stranger = { ...users[0], credential: protocol.strangers ?? '0f'.repeat(64) }
  const named = await askWho(asking, server, stranger).catch(() => undefined)
  if (named !== undefined) throw new Error(`a stranger is taken for ${named}`)
}

async function checkEach(asking, server, users) {
  for (const user of users) {
    const named = await askWho(asking, server, user)
    if (named !== user.openid) throw new Error(`${user.openid} is taken for ${named}`)
  }
}

async function askWho({ request, named }, server, user) {
  const answer = await ask(server.port, request(user))
  if (!(answer?.status >= 200 && answer.status < 300)) {
    throw new Error(`status ${answer?.status} ${answer?.body.slice(0, 200)}`)
  }
  return named(answer)
}

/** The requests of an operation; of a login one, whose code has a place for a number. */
export function requestsOf(operation, { protocol }, users) {
  if (operation.kind === 'login') return [protocol.login(`${freshPrefix()}~##########`)]
  return users.map((user) => protocol.asks[operation.asks].request(user))
}

/** Whether a contestant can do an operation at all. */
export const canDo = ({ protocol, only }, operation) =>
  (only?.includes(operation.name) ?? true) &&
  (operation.kind === 'login' ? protocol.login !== undefined : protocol.asks[operation.asks] !== undefined)

/** How many sessions were used within the last minute, as the file has it. */
export async function countUsed(path) {
  const db = await open(path)
  const unit = db.prepare('SELECT max(last_seen_at) FROM sessions').pluck().get() < 1e11 ? 1 : 1000
  const since = Math.floor(((Date.now() - 60_000) / 1000) * unit)
  const count = db.prepare('SELECT count(*) FROM sessions WHERE last_seen_at > ?').pluck().get(since)
  db.close()
  return count
}

const open = async (path) => {
  const { openConnection } = await import(join(root, 'dist/adapters/sqlite/driver.js'))
  return openConnection(path)
}
