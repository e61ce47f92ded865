/**
 * Starts the built service as a sandbox again and again under the Node that runs this: logins from 8 clients at once,
 * sealed data opened, SIGTERM, and a session of the start before that still lives. Status 0 when every start ended with
 * status 0 and every answer was right.
 *
 *     npm run build && node scripts/smoke.mjs [number of starts, 6] [logins in each, 300]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const CLIENTS = 8
/** Milliseconds for one start, also on a machine that is busy with other work. */
const PATIENCE = 120_000

const [starts = 6, perStart = 300] = process.argv.slice(2).map(Number)
if (!(starts >= 1 && perStart >= 1)) throw new Error('starts and logins are numbers above 0')
const folder = mkdtempSync(join(tmpdir(), 'r3session-smoke-'))
try {
  let earlier
  for (let n = 1; n <= starts; n++) {
    earlier = await oneStart(earlier)
    process.stdout.write(`Node ${process.version}, start ${n} of ${starts}: ${perStart} logins, status 0\n`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Takes a token of the start before, where there was one; gives one of its own. */
async function oneStart(earlier) {
  const { PATH, SystemRoot } = process.env
  const main = fileURLToPath(new URL('../dist/bundle/main.js', import.meta.url))
  const service = spawn(process.execPath, [main], {
    env: {
      PATH,
      SystemRoot,
      HOST: '127.0.0.1',
      PORT: '0',
      // A machine that is busy with other work is no fault of WeChat's.
      WECHAT_TIMEOUT: '30000',
      SESSION_STORE: `sqlite:${join(folder, 'sessions.db')}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(service, 'exit')
  const tooLong = setTimeout(() => service.kill('SIGKILL'), PATIENCE)
  try {
    const url = await addressOf(service)
    if (earlier !== undefined) await ask(url, 'GET', '/v1/session', { token: earlier, status: 200 })
    const tokens = await logins(url)
    await open(url)
    service.kill('SIGTERM')
    const [status, signal] = await ended
    if (status !== 0) throw new Error(`the service ended with status ${status}, signal ${signal}`)
    return tokens.at(-1)
  } catch (error) {
    service.kill('SIGKILL')
    const [status, signal] = await ended
    throw new Error(`Node ${process.version}: ended with status ${status}, signal ${signal}`, {
      cause: error,
    })
  } finally {
    clearTimeout(tooLong)
  }
}

/** Reads the log to its end, so that the service never waits for a reader. */
function addressOf(service) {
  return new Promise((resolve, reject) => {
    createInterface({ input: service.stdout })
      .on('line', (line) => {
        const port = /"msg":"listening"/.test(line) ? JSON.parse(line).port : undefined
        if (port !== undefined) resolve(`http://127.0.0.1:${port}`)
      })
      .on('close', () => reject(new Error('it ended before it listened')))
  })
}

async function logins(url) {
  const tokens = []
  let begun = 0
  async function client() {
    while (begun++ < perStart) tokens.push(await logIn(url, {}))
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  return tokens
}

/** Again, with a code of its own, where a machine that is busy with other work made the service too slow for one. */
async function logIn(url, user) {
  for (let tries = 1; ; tries++) {
    const phone = await ask(url, 'POST', '/sandbox/login', { body: user, status: 200 })
    try {
      const { r3session } = await ask(url, 'POST', '/v1/login', { body: phone, status: 201 })
      return r3session
    } catch (error) {
      if (tries === 10 || !/"action":"retry"/.test(error.message)) throw error
      await pause(1000)
    }
  }
}

async function open(url) {
  const token = await logIn(url, { user: 'smoke' })
  const body = await ask(url, 'POST', '/sandbox/user-info', { body: { user: 'smoke' }, status: 200 })
  const { data } = await ask(url, 'POST', '/v1/decrypt', { token, body, status: 200 })
  if (data.nickName !== '微信用户') throw new Error(`opened ${JSON.stringify(data)}`)
}

async function ask(url, method, path, { token, body, status }) {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (response.status !== status) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return JSON.parse(text)
}
