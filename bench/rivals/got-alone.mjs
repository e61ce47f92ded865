/**
 * No server: got and a kept connection, asking the stub the way a login does, so many at once. What a login on got could
 * reach if it had nothing else to do. The runner says `{seconds, inFlight}`, and is told how many answers came.
 */
import { randomBytes } from 'node:crypto'
import { Agent } from 'node:http'
import got from 'got'
import { exchangeUrl } from './parts/settings.mjs'

const wechat = got.extend({ agent: { http: new Agent({ keepAlive: true }) }, retry: { limit: 0 } })

async function ask(code) {
  const { openid, session_key } = await wechat(exchangeUrl(code)).json()
  if (!openid || !session_key) throw new Error('no login')
}

process.on('message', async ({ seconds, inFlight }) => {
  const run = randomBytes(6).toString('hex')
  const began = performance.now()
  const until = began + seconds * 1000
  let count = 0
  async function loop() {
    while (performance.now() < until) {
      await ask(`${run}${count++}`)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, loop))
  process.send({ count, seconds: (performance.now() - began) / 1000 })
})
process.send('ready')
