/**
 * Sends requests at a fixed rate, whatever becomes of the answers (an open loop), and takes the time of each from the
 * moment it was due: a server that stands still for a while pays for all who would have come. Where the pacer itself
 * stood still, they came when it went on.
 *
 *     node bench/runner/pace.mjs <port> <requests a second> <seconds> <file of requests> [polite]
 *
 * Prints one line of JSON. The first fifth is not counted.
 */
import { connect } from 'node:net'
import { setPriority } from 'node:os'
import { readRequests } from './requests.mjs'

const CONNECTIONS = 64
/** Milliseconds. */
const NAP = 0.1
const [port, rate, seconds] = process.argv.slice(2, 5).map(Number)
const polite = process.argv[6] === 'polite'
const napping = new Int32Array(new SharedArrayBuffer(4))
const { limit, next } = readRequests(process.argv[5])

const total = Math.min(Math.floor(rate * seconds), limit)
const uncounted = Math.floor(total / 5)
const times = []
const lags = []
const idle = []
let [sent, answered, failed, open, ended] = [0, 0, 0, 0, false]
let began = 0
/** Until when none could come for want of the pacer; and whether it has to answer for what comes late. */
let cameFrom = 0
let isFree = true

/** Whether `bytes` hold a whole answer. */
function isWhole(bytes) {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return false
  const head = bytes.latin1Slice(0, end)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)
  if (length) return bytes.length >= end + 4 + Number(length[1])
  return !/\r\ntransfer-encoding: *chunked/i.test(head) || bytes.includes('\r\n0\r\n\r\n', end)
}

function createConnection() {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const connection = { socket, due: 0, number: 0, bytes: undefined, busy: false }
  socket.on('connect', () => {
    open++
    idle.push(connection)
  })
  socket.on('data', (chunk) => {
    const bytes = connection.bytes === undefined ? chunk : Buffer.concat([connection.bytes, chunk])
    if (!isWhole(bytes)) {
      connection.bytes = bytes
      return
    }
    connection.bytes = undefined
    connection.busy = false
    answered++
    if (bytes[9] !== 0x32) failed++
    if (connection.number >= uncounted) times.push(performance.now() - connection.due)
    idle.push(connection)
  })
  const lost = () => {
    if (ended) return
    if (connection.busy) failed++
    connection.busy = false
    const at = idle.indexOf(connection)
    if (at >= 0) idle.splice(at, 1)
  }
  socket.on('error', () => {})
  socket.on('close', lost)
}

function tick() {
  const now = performance.now()
  if (isFree) cameFrom = now
  while (sent < total && idle.length > 0) {
    const due = began + (sent * 1000) / rate
    if (due > now) break
    const connection = idle.pop()
    connection.due = Math.max(due, cameFrom)
    connection.number = sent++
    connection.busy = true
    if (connection.number >= uncounted) lags.push(connection.due - due)
    connection.socket.write(next())
  }
  isFree = idle.length > 0
  const overdue = now - (began + (total * 1000) / rate)
  if ((sent >= total && answered + failed >= total) || overdue > 1000) return finish()
  // Waiting awake is exact; but where WeChat's stub works on this core, it has to get there.
  if (polite && began + (sent * 1000) / rate - now > NAP) Atomics.wait(napping, 0, 0, NAP)
  setImmediate(tick)
}

function finish() {
  ended = true
  const at = (list, share) => {
    const value = list.sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))]
    return value === undefined ? null : Math.round(value * 1000) / 1000
  }
  const reached = (answered * 1000) / (performance.now() - began)
  const result = { p50: at(times, 0.5), p99: at(times, 0.99), lag: at(lags, 0.99), failed, reached }
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit())
}

try {
  // A clock that others push aside measures them.
  if (!polite) setPriority(-10)
} catch {
  // Only root may, and on a quiet machine nobody has to.
}
for (let n = 0; n < CONNECTIONS; n++) createConnection()
const wait = setInterval(() => {
  if (open < CONNECTIONS) return
  clearInterval(wait)
  began = performance.now()
  tick()
}, 5)
setTimeout(finish, (seconds + 10) * 1000).unref()
