/** Logins one after the other, where WeChat is TLS and a long way off: what the first costs, and each that follows. */
import { join } from 'node:path'
import { median } from './rounds.mjs'
import { ask, run, startHelper, startServer } from './servers.mjs'
import { freshPrefix } from './sessions.mjs'

/** Milliseconds in each direction. */
export const DELAY = 30
const WARM = 20

/** By name, milliseconds: `{first, warm, trips, connections}` or `{error}`. */
export async function loginOverTls(contestants, { folder, say }) {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', key, '-out', certificate],
  ])
  const stub = await startHelper('../wechat/stub.mjs', { TLS_KEY: key, TLS_CERTIFICATE: certificate })
  const results = {}
  for (const contestant of contestants) {
    const { name, protocol } = contestant
    if (
      contestant.loop !== undefined ||
      contestant.redis ||
      contestant.only ||
      protocol.isBare ||
      contestant.lacks?.() !== undefined
    )
      continue
    const link = await startHelper('../wechat/slow-link.mjs', { TO: stub.port, DELAY })
    try {
      results[name] = await measure(contestant, link, { folder, certificate })
      const { first, warm, connections } = results[name]
      say(
        `  ${name.padEnd(16)} first ${first.toFixed(0)} ms, then ${warm.toFixed(1)} ms, ${connections} connections`,
      )
    } catch (error) {
      results[name] = { error: error.message.split('\n')[0].slice(0, 300) }
      say(`  ${name} is left out: ${error.message}`)
    } finally {
      await link.stop()
    }
  }
  await stub.stop()
  return results
}

async function measure(contestant, link, { folder, certificate }) {
  const { name, protocol } = contestant
  await contestant.prepare?.()
  const store = join(folder, `${name}-tls.db`)
  const wechat = `https://127.0.0.1:${link.port}`
  const server = await startServer(contestant, { store, wechat, authority: certificate }, folder)
  try {
    const prefix = freshPrefix()
    const times = []
    for (let n = 0; n <= WARM; n++) {
      const began = performance.now()
      const answer = await ask(server.port, protocol.login(`${prefix}${n}`))
      times.push(performance.now() - began)
      if (!answer || answer.status >= 300 || !protocol.credentialOf(answer)) {
        throw new Error(`a login failed: ${answer?.status} ${answer?.body.slice(0, 200)}`)
      }
    }
    const [first, ...others] = times
    const warm = median(others)
    return { first, warm, trips: warm / (2 * DELAY), connections: await link.ask('connections') }
  } finally {
    await server.stop()
  }
}
