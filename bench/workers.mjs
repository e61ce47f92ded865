// biome-ignore-all lint/suspicious/noConsole: a bench reports to the terminal

/**
 * What a request costs in CPU where several processes serve one port (WORKERS), beside one that does: both services run
 * side by side and are asked in turns, A B A B, by wrk. CPU time is that of all processes of a service, the first one
 * included, so that other load on the machine counts for little. Medians, of the ratios of each two neighbours too.
 *
 *   npm run build && node bench/workers.mjs [workers, 2] [rounds, 15] [seconds of each, 1]
 *
 * All of a service runs on core 0 and wrk on core 1. On cores of their own two workers wait more than one does, wherever
 * wrk is the one that is slow, and each waking up costs as much as a part of a request: that would be measured.
 *
 * `kept`: GET /v1/auth over 16 connections that are kept, as a gateway keeps its own. `new`: a connection for each
 * request. Status 1 when a ratio is above 1.1.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { startSandbox } from '../dist/sandbox/index.js'

const SESSIONS = 500
const LIMIT = 1.1
/** Seconds for each process until its code is compiled: two that share the requests take twice as long. */
const WARM_UP = 8
/** Of a second: how /proc counts CPU time. */
const TICK = 1e6 / 100
const run = promisify(execFile)

const [workers = 2, rounds = 15, seconds = 1] = process.argv.slice(2).map(Number)
const folder = mkdtempSync(join(tmpdir(), 'r3session-workers-'))
const weixin = await startSandbox()
const services = []
try {
  for (const count of [1, workers]) services.push(await start(count))
  const loads = {
    kept: [],
    new: ['-H', 'Connection: close'],
  }
  for (const service of services) await ask(service, [], WARM_UP * service.count)
  for (const [load, options] of Object.entries(loads)) {
    for (let round = 0; round < rounds; round++) {
      for (const service of services) service[load].push(await ask(service, options, seconds))
    }
    for (const service of services) {
      const of = (figure) => median(service[load].map((figures) => figures[figure]))
      const shares = service[load].at(-1).shares.join(':')
      console.log(
        `${load}  WORKERS=${service.count}  ${of('micros').toFixed(1)} µs of CPU a request  ${of('rate').toFixed(0)}/s  CPU by process ${shares}`,
      )
    }
    const [one, several] = services.map((service) => service[load].map(({ micros }) => micros))
    const ratios = several.map((micros, round) => micros / one[round])
    const ratio = median(ratios)
    console.log(`${load}  ratio ${ratio.toFixed(2)}  (${ratios.map((each) => each.toFixed(2)).join(' ')})`)
    if (ratio > LIMIT) process.exitCode = 1
  }
} finally {
  for (const { child } of services) {
    child.kill()
    await once(child, 'exit')
  }
  await weixin.close()
  rmSync(folder, { recursive: true, force: true })
}

/** A service with so many workers, and SESSIONS logins in it. */
async function start(count) {
  const [app] = weixin.apps
  const { PATH } = process.env
  const service = [process.execPath, 'dist/bundle/main.js']
  const child = spawn('taskset', ['-c', '0', ...service], {
    env: {
      PATH,
      HOST: '127.0.0.1',
      PORT: '0',
      SESSION_STORE: `sqlite:${join(folder, `${count}.db`)}`,
      WECHAT_API: weixin.url,
      WECHAT_APPID: app.appid,
      WECHAT_SECRET: app.secret,
      WORKERS: String(count),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const port = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout })
      .on('line', (line) => /"msg":"listening"/.test(line) && resolve(JSON.parse(line).port))
      .on('close', () => reject(new Error('it ended before it listened')))
  })
  const url = `http://127.0.0.1:${port}`
  const tokens = []
  for (let n = 0; n < SESSIONS; n++) {
    const { code } = await weixin.login(`user ${n}`)
    const response = await fetch(`${url}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    })
    tokens.push((await response.json()).r3session)
  }
  const script = join(folder, `${count}.lua`)
  writeFileSync(
    script,
    `local tokens = {${tokens.map((token) => `"${token}"`).join(',')}}
     local n = 0
     request = function()
       n = n % #tokens + 1
       wrk.headers["Authorization"] = "Bearer " .. tokens[n]
       return wrk.format("GET", "/v1/auth")
     end`,
  )
  return { count, child, url, script, kept: [], new: [] }
}

async function ask({ child, url, script }, options, seconds) {
  const before = cpuOf(child.pid)
  const args = ['-t1', '-c16', `-d${seconds}s`, '-s', script, ...options, url]
  const { stdout } = await run('taskset', ['-c', '1', 'wrk', ...args])
  const after = cpuOf(child.pid)
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1])
  if (!(requests > 0) || /Non-2xx/.test(stdout)) throw new Error(stdout)
  const used = [...after].map(([pid, micros]) => micros - (before.get(pid) ?? 0))
  const total = used.reduce((sum, micros) => sum + micros, 0)
  return {
    micros: total / requests,
    rate: requests / seconds,
    shares: used.map((micros) => Math.round((100 * micros) / total)),
  }
}

/** Microseconds of CPU of a process and its children, by pid. */
function cpuOf(pid) {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/stat`, 'utf8')
      } catch {
        return ''
      }
    })
    .filter(Boolean)
    .map((text) => ({
      pid: Number.parseInt(text, 10),
      fields: text.slice(text.lastIndexOf(')') + 2).split(' '),
    }))
  const mine = stats.filter((stat) => stat.pid === pid || Number(stat.fields[1]) === pid)
  return new Map(mine.map((stat) => [stat.pid, (Number(stat.fields[11]) + Number(stat.fields[12])) * TICK]))
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
}
