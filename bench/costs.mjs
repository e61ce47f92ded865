// biome-ignore-all lint/suspicious/noConsole: a bench reports to the terminal

/**
 * What an odd request costs in CPU, by what it is made of: no input may cost more than 3 times a plain one.
 *
 *   npm run build && node bench/costs.mjs [how many of each] [only names that contain this]
 *
 * The service runs in a process of its own, which tells how much CPU it has used. The plain request is refused by the
 * same route with nothing odd about it. Where there is one, a genuine request as large as the odd ones is shown too:
 * reading 64 KB has a price whatever is in them. All three take turns in small batches, of which a tenth took less than
 * what counts, so that other load on the machine counts for little. Status 1 when a ratio to the plain one is above 3.
 */
import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { cases } from './costs/cases.mjs'
import { serviceKey } from './costs/parts.mjs'

const LIMIT = 3
const BATCH = 10
/** Requests before anything counts, for what the engine compiles. */
const WARM = 200

if (process.argv[2] === 'serve') await serve()
else await measure(Number(process.argv[2] ?? 300), process.argv[3] ?? '')

async function serve() {
  const { loadConfig } = await import('../dist/app/config/config.js')
  const { createHttpServer } = await import('../dist/app/http/server.js')
  const { openService } = await import('../dist/app/wire.js')
  const log = { isLevelEnabled: () => false, info() {}, error() {}, warn() {}, debug() {} }
  const config = loadConfig(
    { SESSION_STORE: 'sqlite::memory:', SERVICE_KEYS: `bench:${serviceKey}`, LIMIT_DECRYPT_FAILURES: '0' },
    () => '',
  )
  const service = await openService(config, log)
  const made = createHttpServer(service.listener, randomUUID)
  const server = made.server ?? made
  server.listen(0, '127.0.0.1', () => process.send(server.address().port))
  process.on('SIGINT', () => process.exit())
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send(user + system)
  })
}

async function measure(count, only) {
  const child = fork(new URL(import.meta.url), ['serve'])
  const [port] = await once(child, 'message')
  const cpu = async () => {
    child.send('cpu')
    return (await once(child, 'message'))[0]
  }
  const ask = async (tally, times) => {
    for (let n = 0; n < times; n++) tally.statuses.add(await send(port, tally.bytes))
  }
  /** CPU of one request of each, in microseconds. */
  const compare = async (all) => {
    const tallies = all.map((bytes) => ({ bytes, micros: [], statuses: new Set() }))
    for (const tally of tallies) await ask(tally, WARM)
    for (let done = 0; done < count; done += BATCH) {
      for (const tally of tallies) {
        const before = await cpu()
        await ask(tally, BATCH)
        tally.micros.push(((await cpu()) - before) / BATCH)
      }
    }
    return tallies.map(({ micros, statuses }) => ({ micros: lowTenth(micros), status: [...statuses].join() }))
  }
  for (const { plain } of cases('')) await ask({ bytes: plain, statuses: new Set() }, WARM)
  let dear = 0
  for (const { name, plain, genuine, odd } of cases(await logIn(port))) {
    const wanted = odd.filter(([other]) => `${name} ${other}`.includes(only))
    if (wanted.length > 0) console.log(`${name}\n   plain  genuine      odd  odd/plain  odd/genuine  status`)
    for (const [other, bytes] of wanted) {
      const [base, strange, large] = await compare([plain, bytes, ...(genuine ? [genuine] : [])])
      const ratio = strange.micros / base.micros
      if (ratio > LIMIT) dear++
      const times = (one) => (one === undefined ? '' : one.toFixed(1))
      const columns = [
        micros(base).padStart(8),
        micros(large).padStart(8),
        micros(strange).padStart(8),
        times(ratio).padStart(10),
        times(large && strange.micros / large.micros).padStart(12),
        `  ${strange.status}`,
      ]
      console.log(`${columns.join(' ')}  ${other}${ratio > LIMIT ? '   <--' : ''}`)
    }
  }
  console.log(dear === 0 ? 'none above 3 times the plain request' : `${dear} above ${LIMIT} times`)
  child.kill()
  process.exitCode = dear === 0 ? 0 : 1
}

/** An r3session that lives. */
async function logIn(port) {
  const ask = async (path, body) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body })
    return answer.text()
  }
  return JSON.parse(await ask('/v1/login', await ask('/sandbox/login', '{}'))).r3session
}

function micros(one) {
  return one === undefined ? '' : String(Math.round(one.micros))
}

function lowTenth(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 10)]
}

/** One request on a connection of its own, as whoever wants to do harm would send it, and the status of its answer. */
function send(port, bytes) {
  return new Promise((resolve) => {
    let status = 'none'
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.once('data', (data) => {
      status = data.toString('latin1', 9, 12)
      socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(status))
  })
}
