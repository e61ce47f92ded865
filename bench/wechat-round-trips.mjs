// biome-ignore-all lint/suspicious/noConsole: a bench reports to the terminal
/**
 * What the way to WeChat costs a login: the first call over a new connection, and those that follow on the kept one,
 * over plain TCP and over TLS, through a proxy that holds bytes back for 30 ms in each direction.
 *
 *     npm run build && npx tsc -b test && node bench/wechat-round-trips.mjs
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kept, startFaultyServer, tlsCertificate } from '../build/support/wechat/faulty-server.js'
import { startSlowProxy } from '../build/support/wechat/slow-proxy.js'
import { createHttpWechat } from '../dist/adapters/wechat/gateway.js'

const DELAY = 30
const WARM = 20

if (process.argv[2] === 'trusting') {
  await measure('http')
  await measure('https')
} else {
  // Only at its start does Node learn whom to trust.
  const folder = mkdtempSync(join(tmpdir(), 'r3session-'))
  const authority = join(folder, 'authority.pem')
  writeFileSync(authority, tlsCertificate)
  spawnSync(process.execPath, [process.argv[1], 'trusting'], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: authority },
    stdio: 'inherit',
  })
  rmSync(folder, { recursive: true })
}

async function measure(protocol) {
  const server = await startFaultyServer({ tls: protocol === 'https' })
  server.meets(kept({ openid: 'oSYNTHETIC', session_key: 'MDEyMzQ1Njc4OWFiY2RlZg==' }))
  const proxy = await startSlowProxy(server.port, DELAY)
  const cold = []
  const warm = []
  for (let round = 0; round < 5; round++) {
    const gateway = createHttpWechat({
      api: `${protocol}://127.0.0.1:${proxy.port}`,
      apps: new Map([['wx', 'secret']]),
      timeout: 5_000,
    })
    cold.push(await timeOf(gateway))
    for (let n = 0; n < WARM; n++) warm.push(await timeOf(gateway))
    gateway.close()
  }
  const middle = (times) => times.sort((a, b) => a - b)[times.length >> 1].toFixed(0)
  console.log(`${protocol}: new connection ${middle(cold)} ms, kept connection ${middle(warm)} ms`)
  await proxy.close()
  await server.close()
}

async function timeOf(gateway) {
  const began = performance.now()
  await gateway.exchangeCode('wx', 'code')
  return performance.now() - began
}
