import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ask } from '../ask.js'
import type { Genuine } from './requests.js'

export const SERVICE_KEY = 'canaryServiceKey0123456789abcdef0123'
export const SESSION_SECRET = 'canarySessionSecret-0123456789abcdef'
const TICKS_A_SECOND = 100
/** Of a machine that has no time for us. */
const PLANNED = /"status":50[34],|"msg":"too much at once/
const FAILURE = /"level":"(?:error|fatal)"|"undeclared":/

/** For NODE_OPTIONS: a full collection at SIGUSR2, after which what lives on can be measured. */
export const COLLECTOR = `--import=data:text/javascript,${encodeURIComponent(`
  import { setFlagsFromString } from 'node:v8'
  import { runInNewContext } from 'node:vm'
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  process.on('SIGUSR2', () => collect())
`)}`

/** The shipped process on a database of its own, in front of the sandbox that it brings along unless `env` says other. */
export async function startTarget(env: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'r3session-fuzz-'))
  const { PATH = '', NODE_V8_COVERAGE } = process.env
  const child = spawn(process.execPath, ['dist/bundle/main.js'], {
    env: {
      PATH,
      ...(NODE_V8_COVERAGE && { NODE_V8_COVERAGE }),
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_FORMAT: 'json',
      SESSION_STORE: `sqlite:${join(folder, 'sessions.db')}`,
      SESSION_SECRET,
      SERVICE_KEYS: `bench:${SERVICE_KEY}`,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  /** What it must never write. */
  const secrets = new Set([SERVICE_KEY, SESSION_SECRET])
  const complaints: string[] = []
  let lines = 0
  const listening = new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines++
      if (FAILURE.test(line) && !PLANNED.test(line)) complaints.push(`its log: ${line.slice(0, 500)}`)
      for (const secret of secrets) if (line.includes(secret)) complaints.push('a secret in its log')
      if (line.includes('"msg":"listening"')) resolve(Number(JSON.parse(line).port))
    })
    child.once('exit', () => reject(new Error('it did not start')))
  })
  child.stderr.on('data', (text: Buffer) => complaints.push(`its stderr: ${text}`.slice(0, 500)))
  const ended = once(child, 'exit')
  const port = await listening
  const url = `http://127.0.0.1:${port}`
  const of = (file: string) => readFileSync(`/proc/${child.pid}/${file}`, 'latin1')

  return {
    port,
    secrets,
    complaints,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    linesLogged: () => lines,
    descriptors: () => readdirSync(`/proc/${child.pid}/fd`).length,
    /** Has a process that was started with `COLLECTOR` collect its garbage. */
    collect: () => child.kill('SIGUSR2'),
    /** MB that are in memory. */
    memory: () => Number(/VmRSS:\s+(\d+)/.exec(of('status'))?.[1]) / 1024,
    /** Milliseconds of CPU so far, in steps of ten. */
    cpu() {
      const fields = of('stat')
        .slice(of('stat').lastIndexOf(')') + 2)
        .split(' ')
      return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_A_SECOND
    },
    genuine: () => genuineOf(url, secrets),
    async stop(): Promise<readonly unknown[]> {
      child.kill('SIGTERM')
      const how = await ended
      rmSync(folder, { recursive: true, force: true })
      return how
    },
  }
}

export type Target = Awaited<ReturnType<typeof startTarget>>

/** Over connections that end with their answers: kept ones would be counted as left open. */
const agent = new Agent({ keepAlive: false })

async function post(url: string, body: object): Promise<Record<string, unknown>> {
  return (await ask(agent, url, 'POST', { body })).json
}

/** Sessions to ask with. The token of one more user is a secret: nobody sends it, so nobody may ever see it. */
async function genuineOf(url: string, secrets: Set<string>): Promise<Genuine> {
  const login = async (user: string) => {
    const { code } = await post(`${url}/sandbox/login`, { user })
    return String((await post(`${url}/v1/login`, { code }))['r3session'])
  }
  const tokens = [await login('ann'), await login('ann'), await login('bob')]
  secrets.add(await login('victim'))
  const sealed = await post(`${url}/sandbox/user-info`, { user: 'ann' })
  const { json } = await ask(agent, `${url}/v1/session`, 'GET', { token: tokens[0] ?? '' })
  const { openid = '', appid = '' } = json as Record<string, string>
  const { encryptedData = '', iv = '', rawData = '', signature = '' } = sealed as Record<string, string>
  const latin1 = (text: string) => Buffer.from(text).toString('latin1')
  return {
    tokens,
    openid,
    appid,
    serviceKey: SERVICE_KEY,
    sealed: { encryptedData, iv, rawData: latin1(rawData), signature },
  }
}
