// Compares two built checkouts of the service in one run: milliseconds to the first answer, memory at rest and after
// load, requests per second of GET /v1/auth and POST /v1/login.
//
//   node bench/compare.mjs <folder of one> <folder of the other> [rounds]
//
// The two take turns, A B A B, so that whatever else the machine does meets both. Prints medians and their ratio.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'

const [one, other, rounds = '5'] = process.argv.slice(2)
if (other === undefined) throw new Error('usage: node bench/compare.mjs <folder> <folder> [rounds]')
const SECONDS = 3
const CLIENTS = 16
const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })

function ask(port, method, path, headers = {}, body = '') {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', method, path, headers, agent }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part) => {
        text += part
      })
      answer.on('end', () => resolve({ status: answer.statusCode, text }))
    })
    sent.on('error', reject).end(body)
  })
}

async function perSecond(work) {
  let count = 0
  const end = performance.now() + SECONDS * 1000
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (performance.now() < end) {
        await work()
        count++
      }
    }),
  )
  return count / SECONDS
}

async function measure(folder, port) {
  const env = {
    PATH: process.env.PATH,
    PORT: String(port),
    SESSION_STORE: 'sqlite::memory:',
    LOG_LEVEL: 'warn',
  }
  const began = performance.now()
  const child = spawn(process.execPath, ['dist/bundle/main.js'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  while (!(await ask(port, 'GET', '/healthz').catch(() => undefined)))
    await new Promise((r) => setTimeout(r, 2))
  const start = performance.now() - began
  const megabytes = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024
  const idle = megabytes()
  const json = { 'content-type': 'application/json' }
  const login = async () => {
    const code = await ask(port, 'POST', '/sandbox/login', json, '{}')
    const answer = await ask(port, 'POST', '/v1/login', json, code.text)
    if (answer.status !== 201) throw new Error(`login: ${answer.status}`)
    return JSON.parse(answer.text).r3session
  }
  const token = await login()
  const verify = await perSecond(async () => {
    const { status } = await ask(port, 'GET', '/v1/auth', { authorization: `Bearer ${token}` })
    if (status !== 200) throw new Error(`auth: ${status}`)
  })
  const logins = await perSecond(login)
  const loaded = megabytes()
  child.kill('SIGTERM')
  await ended
  return {
    'start, ms': start,
    'memory idle, MB': idle,
    'memory loaded, MB': loaded,
    'verify/s': verify,
    'login/s': logins,
  }
}

const runs = { [one]: [], [other]: [] }
for (let round = 0; round < Number(rounds); round++) {
  for (const [n, folder] of [one, other].entries()) {
    runs[folder].push(await measure(join(folder), 41_000 + n))
  }
}
agent.destroy()
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]
const rows = Object.keys(runs[one][0]).map((name) => {
  const [a, b] = [one, other].map((folder) => median(runs[folder].map((run) => run[name])))
  return { measured: name, one: Math.round(a), other: Math.round(b), 'other : one': (b / a).toFixed(2) }
})
console.table(rows)
