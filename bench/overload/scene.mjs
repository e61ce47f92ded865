/** Everything at once: WeChat hangs, logins keep coming, and clients without a token let their bodies drip. */
import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { pour, quantile } from './load.mjs'
import { startOverloaded } from './service.mjs'

const LOGINS = 300
const DRIPPING = 1100
const VERIFICATIONS = 300
const WECHAT_TIMEOUT = 5_000

export async function playScene(folder, seconds) {
  mkdirSync(folder)
  const service = await startOverloaded(folder, { WECHAT_TIMEOUT: String(WECHAT_TIMEOUT) })
  const { port, pid } = service.server
  await pour(port, 2, [{ name: 'warm', rate: 1000, next: service.next('verify'), atMost: 32 }])
  await service.mood(null)
  const drip = startDripping(port)
  const { verify, login } = await pour(port, seconds, [
    { name: 'verify', rate: VERIFICATIONS, next: service.next('verify'), atMost: 128 },
    { name: 'login', rate: LOGINS, next: service.next('login'), atMost: 1024 },
  ])
  const { most } = service.memory()
  const dripping = drip.count()
  // It is told to end while all of this goes on.
  const logins = pour(port, 3, [{ name: 'login', rate: LOGINS, next: service.next('login'), atMost: 128 }])
  await new Promise((resolve) => setTimeout(resolve, 1000))
  const told = performance.now()
  process.kill(pid, 'SIGTERM')
  await service.stop()
  const stopping = performance.now() - told
  drip.end()
  await logins
  const p99 = quantile(verify.goodTimes, 0.99)
  const lines = [
    `verifications: ${verify.sent}, of them 200: ${verify.good}, 503: ${verify.shed}, lost: ${verify.lost}, others: ${JSON.stringify(verify.others)}, p99 ${p99?.toFixed(1)} ms, the longest ${quantile(verify.goodTimes, 1)?.toFixed(1)} ms`,
    `logins: ${login.sent}, 503: ${login.shed} (p99 ${quantile(login.shedTimes, 0.99)?.toFixed(1)} ms), others: ${JSON.stringify(login.others)}`,
    `clients that drip: ${dripping}; ended and come again: ${drip.again()}`,
    `memory at most ${Math.round(most)} MB; SIGTERM ended it in ${(stopping / 1000).toFixed(1)} s`,
  ]
  const goals = {
    'every verification is 200': verify.good === verify.sent && verify.lost === 0,
    'p99 of verifications under 100 ms': p99 < 100,
    'memory under 200 MB': most < 200,
    'SIGTERM ends it within WECHAT_TIMEOUT + 3 s': stopping <= WECHAT_TIMEOUT + 3_000,
  }
  return {
    lines,
    failures: Object.entries(goals).flatMap(([goal, held]) => (held ? [] : [`scene: ${goal}`])),
  }
}

/** Clients that announce a body and send a byte of it a second; whoever is hung up on comes again. */
function startDripping(port) {
  const open = new Set()
  let ended = false
  let again = 0
  function begin() {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('connect', () => {
      socket.write(
        'POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
      )
      open.add(socket)
    })
    socket.on('error', () => {})
    socket.resume()
    socket.on('close', () => {
      open.delete(socket)
      if (ended) return
      again++
      setTimeout(() => !ended && begin(), 100)
    })
  }
  for (let count = 0; count < DRIPPING; count++) begin()
  const timer = setInterval(() => {
    for (const socket of open) socket.write(' ')
  }, 1000)
  return {
    count: () => open.size,
    again: () => again,
    end() {
      ended = true
      clearInterval(timer)
      for (const socket of open) socket.destroy()
    },
  }
}
