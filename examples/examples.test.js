/**
 * Every example against the real service in its sandbox: it knows who is calling, refuses what is forged, and lets nobody
 * in when it can't ask. Run by `npm run test:examples`. One whose language is not installed is skipped, but not in CI.
 */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'

const R3SESSION_KEY = randomBytes(32).toString('hex')
const GATEWAY_SECRET = randomBytes(32).toString('hex')
const forgedHeaders = { 'X-WX-OPENID': 'oForged', 'X-WX-APPID': 'wxForged', 'X-WX-SOURCE': 'wx_client' }
const unauthorized = { status: 401, code: 'unauthorized', action: 'relogin' }
const noSession = { status: 401, code: 'invalid_session', action: 'relogin' }
const inDoubt = { status: 503, code: 'overloaded', action: 'retry' }

/** Those that ask r3session themselves. */
const asking = {
  express: ['node', 'examples/express/server.js'],
  fastify: ['node', 'examples/fastify/server.js'],
  nest: ['node', 'examples/dist/nest/main.js'],
  go: ['examples/dist/orders'],
  python: ['python3', 'examples/python/server.py'],
  php: ['php', '-S', 'localhost:PORT', 'examples/php/index.php'],
}
/** Those that believe a gateway, which the tests play. */
const behindGateway = {
  koa: ['node', 'examples/koa/server.js'],
  hono: ['node', 'examples/hono/server.js'],
}

/** @type {import('node:child_process').ChildProcess[]} */
const started = []
let r3session = ''
let anna = { token: '', openid: '' }

before(async () => {
  const env = { SERVICE_KEYS: `orders:${R3SESSION_KEY}`, SESSION_STORE: 'sqlite::memory:' }
  r3session = await start(['node', 'dist/bundle/main.js'], env, '/readyz')
  anna = await logIn('anna')
})
after(async () => {
  for (const child of started) {
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
})

for (const [name, command] of Object.entries(asking)) {
  describe(name, { skip: missing(name) }, () => {
    let url = ''
    before(async () => {
      if (name === 'go') buildGo()
      url = await start(command, { R3SESSION_URL: r3session, R3SESSION_KEY })
    })

    it('tells who is calling', async () => {
      const { status, body } = await get(url, bearer(anna.token))
      assert.deepEqual({ status, body }, { status: 200, body: { ordersOf: anna.openid } })
    })

    it('refuses who is not logged in, and who has logged out', async () => {
      await assertProblem(get(url), unauthorized)
      await assertProblem(get(url, forgedHeaders), unauthorized)
      const { token } = await logIn('ben')
      await fetch(`${r3session}/v1/session`, { method: 'DELETE', headers: bearer(token) })
      for (const one of [token, '0'.repeat(128), `${anna.token}0`, 'x', `${anna.token}"}`])
        await assertProblem(get(url, bearer(one)), noSession)
    })

    it('lets nobody in when it can not ask', async () => {
      const nobodyThere = { R3SESSION_URL: `http://127.0.0.1:${await freePort()}`, R3SESSION_KEY }
      const wrongKey = { R3SESSION_URL: r3session, R3SESSION_KEY: 'x'.repeat(64) }
      // The others leave that to @r3session/verify, which has tests of its own.
      const cases = command[0] === 'node' ? [nobodyThere] : [nobodyThere, wrongKey]
      for (const url of await Promise.all(cases.map((env) => start(command, env)))) {
        const answer = get(url, bearer(anna.token))
        await assertProblem(answer, inDoubt)
        assert.equal((await answer).retryAfter, '1')
      }
    })
  })
}

for (const [name, command] of Object.entries(behindGateway)) {
  describe(name, () => {
    let url = ''
    before(async () => {
      url = await start(command, { GATEWAY_SECRET })
    })

    it('tells who is calling', async () => {
      const { headers } = await fetch(`${r3session}/v1/auth`, { headers: bearer(anna.token) })
      const identity = [...headers].filter(([header]) => header.startsWith('x-wx-'))
      const { status, body } = await get(url, {
        ...Object.fromEntries(identity),
        'X-Gateway-Secret': GATEWAY_SECRET,
      })
      assert.deepEqual({ status, body }, { status: 200, body: { ordersOf: anna.openid } })
    })

    it('refuses what did not come through the gateway', async () => {
      for (const headers of [
        {},
        bearer(anna.token),
        forgedHeaders,
        { ...forgedHeaders, 'X-Gateway-Secret': 'x'.repeat(64) },
        { 'X-Gateway-Secret': GATEWAY_SECRET },
      ])
        await assertProblem(get(url, headers), noSession)
    })
  })
}

/** @param {string} token */
function bearer(token) {
  return { Authorization: `Bearer ${token}` }
}

function buildGo() {
  const { status, stderr } = spawnSync('go', ['build', '-o', '../dist/orders', '.'], { cwd: 'examples/go' })
  assert.equal(status, 0, String(stderr))
}

/** Why an example is skipped. @param {string} name */
function missing(name) {
  const program = { go: 'go', python: 'python3', php: 'php' }[name]
  const isThere = program === undefined || spawnSync('which', [program]).status === 0
  assert.ok(isThere || !process.env.CI, `${program} is not installed`)
  return !isThere && `${program} is not installed`
}

/**
 * Starts a program on a free port, with these settings and nothing else of our own, and gives its address once it answers.
 *
 * @param {string[]} command
 * @param {Record<string, string>} env
 */
async function start(command, env, path = '/') {
  const port = String(await freePort())
  const [program = '', ...args] = command.map((part) => part.replace('PORT', port))
  const { PATH = '' } = process.env
  const child = spawn(program, args, {
    env: { PATH, PORT: port, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  started.push(child)
  let complaints = ''
  child.stderr.on('data', (chunk) => {
    complaints += chunk
  })
  const url = `http://localhost:${port}`
  const deadline = AbortSignal.timeout(20_000)
  while (!(await fetch(url + path).catch(() => false))) {
    assert.ok(child.exitCode === null && !deadline.aborted, `${command.join(' ')}: ${complaints}`)
    await pause(20)
  }
  return url
}

async function freePort() {
  const server = createServer().listen(0, 'localhost')
  await once(server, 'listening')
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  return address.port
}

/** @param {string} user */
async function logIn(user) {
  const json = { 'Content-Type': 'application/json' }
  const phone = await fetch(`${r3session}/sandbox/login`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ user }),
  })
  const login = await fetch(`${r3session}/v1/login`, {
    method: 'POST',
    headers: json,
    body: await phone.text(),
  })
  const { r3session: token } = /** @type {{ r3session: string }} */ (await login.json())
  const session = await fetch(`${r3session}/v1/session`, { headers: bearer(token) })
  const { openid } = /** @type {{ openid: string }} */ (await session.json())
  return { token, openid }
}

/**
 * @param {string} url
 * @param {Record<string, string>} [headers]
 */
async function get(url, headers = {}) {
  const response = await fetch(`${url}/api/orders`, { headers })
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    retryAfter: response.headers.get('retry-after'),
    body: /** @type {Record<string, unknown>} */ (await response.json()),
  }
}

/**
 * @param {ReturnType<typeof get>} answer
 * @param {{ status: number, code: string, action: string }} expected
 */
async function assertProblem(answer, expected) {
  const { status, type, body } = await answer
  const { status: told, code, action } = body
  assert.deepEqual({ status, code, action }, expected)
  assert.equal(told, status)
  assert.match(type ?? '', /^application\/(problem\+)?json/)
}
