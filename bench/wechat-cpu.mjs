// biome-ignore-all lint/suspicious/noConsole: a bench reports to the terminal
/**
 * CPU time of our exchange of a login code beside a plain `got(url, { agent }).json()`, 16 at once, on kept connections
 * to a stub in a process of its own, in turns; and the median of each.
 *
 *     npm run build && node bench/wechat-cpu.mjs [turns] [calls in each]
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, createServer } from 'node:http'
import { got } from 'got'
import { createHttpWechat } from '../dist/adapters/wechat/gateway.js'

const AT_ONCE = 16
const answer = JSON.stringify({
  openid: 'oSYNTHETIC_00000000000000001',
  session_key: 'MDEyMzQ1Njc4OWFiY2RlZg==',
})

if (process.argv[2] === 'stub') {
  const headers = { 'Content-Type': 'text/plain', 'Content-Length': answer.length }
  const server = createServer((_, response) => response.writeHead(200, headers).end(answer))
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1', () => process.send(server.address().port))
  process.on('disconnect', () => process.exit())
} else {
  await measure(Number(process.argv[2] ?? 61), Number(process.argv[3] ?? 200))
}

async function measure(turns, calls) {
  const stub = fork(process.argv[1], ['stub'])
  const [port] = await once(stub, 'message')
  const api = `http://127.0.0.1:${port}`
  const agent = { http: new Agent({ keepAlive: true }) }
  const gateway = createHttpWechat({ api, apps: new Map([['wx', 'secret']]), timeout: 5_000 })
  const ways = {
    'got itself': (code) => {
      const query = `appid=wx&secret=secret&js_code=${code}&grant_type=authorization_code`
      return got(`${api}/sns/jscode2session?${query}`, { agent }).json()
    },
    'our gateway': (code) => gateway.exchangeCode('wx', code),
  }
  const spent = Object.fromEntries(Object.keys(ways).map((name) => [name, []]))
  for (let turn = -3; turn < turns; turn++) {
    for (const [name, ask] of Object.entries(ways)) {
      const used = await cpuOf(ask, calls)
      if (turn >= 0) spent[name].push(used)
    }
  }
  gateway.close()
  agent.http.destroy()
  stub.disconnect()
  const [plain, ours] = Object.entries(spent).map(([name, values]) => {
    values.sort((a, b) => a - b)
    const [best, median] = [values[0], values[turns >> 1]]
    console.log(`${name.padEnd(12)} ${median.toFixed(1)} us of CPU a call, at best ${best.toFixed(1)}`)
    return { best, median }
  })
  const [median, best] = [ours.median / plain.median, ours.best / plain.best].map((ratio) => ratio.toFixed(2))
  console.log(`ratio ${median}, at best ${best}, Node ${process.version}`)
}

/** Microseconds for each call. */
async function cpuOf(ask, calls) {
  let left = calls
  const before = process.cpuUsage()
  const caller = async () => {
    while (left-- > 0) {
      const { openid } = await ask(`code-${left}`)
      if (!openid?.startsWith('oSYN')) throw new Error('wrong answer')
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, caller))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / calls
}
