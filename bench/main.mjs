/**
 * Measures r3session as it ships beside what people would use instead, and writes docs/performance.md.
 *
 *     npm run bench                                       everything, about half an hour
 *     npm run bench -- --quick                            one short round of everything, into no page
 *     npm run bench -- --only=verify-hot,login --rivals=bare-koa,fastify-sqlite --rounds=5 --seconds=3
 *     npm run bench -- --rounds=1 --seconds=1 --sessions=2000     fewer sessions that are cold
 *     npm run bench -- --write                            into the pages, whatever was left out
 *
 * Takes Linux with two cores: the server has the first, load and WeChat's stub the other. Takes wrk, openssl,
 * taskset and setpriv; what is on Redis takes redis-server, Flask gunicorn, python3-flask, python3-cachelib, python3-pycryptodome and python3-requests (Debian).
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bareKoaWithSqlite, contestants, root } from './contestants.mjs'
import { names, operations } from './operations.mjs'
import { writePages } from './report/pages.mjs'
import { printTable } from './report/table.mjs'
import { openField } from './runner/field.mjs'
import { DELAY, loginOverTls } from './runner/login-over-tls.mjs'
import { cpuModel } from './runner/proc.mjs'
import { measureRedis } from './runner/redis.mjs'
import { runOperation } from './runner/rounds.mjs'
import { killAll, LOAD_CORE } from './runner/servers.mjs'
import { measureMemory, measureStarts } from './runner/starts.mjs'

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    only: { type: 'string' },
    rivals: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    sessions: { type: 'string' },
  },
})
const chosen = (text, all) => {
  const wanted = text?.split(',') ?? all
  const unknown = wanted.filter((name) => !all.includes(name))
  if (unknown.length > 0) throw new Error(`${unknown.join(', ')} is none of ${all.join(', ')}`)
  return wanted
}
const only = chosen(given.only, names)
const rivals = chosen(
  given.rivals,
  contestants.map(({ name }) => name),
)
const rounds = Number(given.rounds ?? (given.quick ? 1 : 3))
const seconds = Number(given.seconds ?? (given.quick ? 1 : 2))
if (!(Number.isInteger(seconds) && seconds > 0 && rounds > 0))
  throw new Error('rounds and seconds are whole numbers')
const { quick, ...narrowed } = { ...given, rounds: undefined, seconds: undefined, write: undefined }
const isWhole = !quick && Object.values(narrowed).every((value) => value === undefined)

const say = (line) => process.stdout.write(`${line}\n`)
const missing = ['wrk', 'taskset', 'setpriv', 'openssl'].filter(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
)
if (process.platform !== 'linux' || availableParallelism() < 2) missing.push('Linux with two cores')
if (missing.length > 0) {
  process.stderr.write(`npm run bench needs ${missing.join(', ')} (Debian: apt-get install wrk openssl)\n`)
  process.exit(1)
}
execFileSync('taskset', ['-a', '-cp', String(LOAD_CORE), String(process.pid)], { stdio: 'ignore' })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

// Not below /tmp, which may be no disk.
mkdirSync(join(root, 'build'), { recursive: true })
const folder = mkdtempSync(join(root, 'build/bench-'))
process.on('exit', () => {
  killAll()
  rmSync(folder, { recursive: true, force: true })
})

const taking = contestants.filter(({ name }) => rivals.includes(name) || name === 'r3session')
const options = {
  rounds,
  seconds,
  cold: Number(given.sessions ?? (given.quick ? 2000 : 20_000)),
  folder,
  say,
  patience: given.quick ? 0 : 60,
}
const began = performance.now()
const results = { about: about(), operations: {}, left: [] }
const field = await openField(taking, options)
results.left = field.left
for (const operation of operations.filter(({ name }) => only.includes(name))) {
  say(`\n${operation.name}`)
  results.operations[operation.name] = await runOperation(operation, field, options)
}
if (only.includes('start')) {
  say('\nstart and memory')
  const compared = [...taking.filter(({ name }) => /^(r3session|bare-koa)$/.test(name))]
  if (bareKoaWithSqlite.lacks() === undefined) compared.push(bareKoaWithSqlite)
  const place = { ...options, wechat: field.wechat }
  results.starts = await measureStarts(compared, given.quick ? 3 : 5, place)
  results.memory = await measureMemory(compared, given.quick ? 2 : 4, place)
}
if (only.includes('redis')) {
  say('\nin Redis')
  results.redis = await measureRedis(taking, { ...options, wechat: field.wechat })
}
await field.close()
if (only.includes('login-tls')) {
  say(`\nlogin by TLS over a link of ${DELAY} ms`)
  results.loginOverTls = await loginOverTls(taking, options)
}
results.about.minutes = Math.round((performance.now() - began) / 6000) / 10

printTable(results, say)
if (isWhole || given.write) {
  writeFileSync(join(root, 'bench/results.json'), `${JSON.stringify(results, undefined, 1)}\n`)
  writePages(results, root)
  // What is foreseen hangs on what was measured.
  spawnSync(process.execPath, [join(root, 'bench/simulate.mjs'), '--write'], { stdio: 'inherit' })
  say(
    '\nwritten: bench/results.json, docs/performance.md and docs/scaling.md, both in Chinese too, and the plots',
  )
}
process.exit()

function about() {
  const version = (command, args, pattern) => {
    const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
    return pattern.exec(`${stdout}${stderr}`)?.[1]
  }
  const packages = JSON.parse(readFileSync(join(root, 'bench/package.json'), 'utf8')).dependencies
  return {
    command: `npm run bench${[...process.argv.slice(2)].length > 0 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}`,
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpu: cpuModel(),
    cores: cpus().length,
    memory: totalmem(),
    kernel: version('uname', ['-r'], /(\S+)/),
    wrk: version('wrk', ['--version'], /wrk \S*?(\d[\w.-]*)/),
    filesystem: version('stat', ['-f', '-c', '%T', folder], /(\S+)/),
    start: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts.start,
    rounds,
    seconds,
    cold: options.cold,
    delay: DELAY,
    packages,
  }
}
