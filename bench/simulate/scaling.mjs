/** What is put into the simulation, what comes of it, and the sums: all figures of docs/scaling.md. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { operations } from '../operations.mjs'
import { simulate } from './model.mjs'

/** How far off it may be. */
export const LIMIT = 0.15
/** Those who ask at once in `npm run bench`. */
const CLIENTS = 16
const REQUESTS = 10_000
/** Of a process's core, on purpose: see the page. */
const SHARE = 0.6
const SHARES = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
const PROCESSES = [1, 4, 16, 64, 96]
/** Seconds to another machine of the same place and back. Assumed. */
const ROUND_TRIP = 0.0003
const GOAL = { rate: 1e6, sessions: 1e9 }
/** Bytes of a node's memory that sessions may fill. Assumed. */
const NODE = 25e9
/** Bytes of a verification and its answer on a kept connection, without what TCP adds. */
const WIRE = 570
/** Seconds of SESSION_TTL: a session that nobody uses has ended by then, so each comes about that often. */
const TTL = 259_200

/** From the whole bench where it has measured Redis, otherwise from the short runs. Seconds. */
export function constantsOf(results, { about, verify, redis }) {
  const measured = Object.entries(results.operations).flatMap(([name, { r3session: ours }]) =>
    ours?.rate === undefined ? [] : [{ name, rate: ours.rate, cpu: ours.cpu }],
  )
  const cpuOf = (name) => measured.find((one) => one.name === name).cpu
  const [verifiedOnRedis, loggedInOnRedis] = ['verify-hot', 'login'].map(
    (name) => results.operations[name]['r3session-redis'],
  )
  const bytes = results.redis?.bytes['r3session-redis']
  const { 1: single, 64: piped } = redis.get
  // 64 in one: single = turn + key, piped = turn / 64 + key.
  const perTurn = ((single - piped) * 64) / 63
  return {
    about,
    from: results.about,
    measured,
    verify: cpuOf('verify-hot'),
    login: cpuOf('login'),
    onRedis: verifiedOnRedis?.cpu ?? cpuOf('verify-hot') * (verify.onRedis / verify.onSqlite),
    bytes: bytes ?? redis.bytes,
    loginInRedis: loggedInOnRedis?.redis ?? redis.login,
    /** What the whole bench has measured of it. */
    known: {
      verify: verifiedOnRedis?.cpu !== undefined,
      login: loggedInOnRedis?.redis !== undefined,
      bytes: bytes !== undefined,
    },
    memory: results.memory.r3session.loaded,
    redis: { perTurn, perKey: single - perTurn, roundTrip: ROUND_TRIP },
    piped: { measured: redis.get[16], simulated: perTurn / 16 + single - perTurn },
  }
}

/** What the bench measured, simulated. */
export function reproduced({ measured }) {
  return measured.map(({ name, rate, cpu }) => {
    const simulated = simulate({ cpu, load: { clients: CLIENTS }, requests: REQUESTS }).rate
    return { name, measured: rate, simulated, off: simulated / rate - 1 }
  })
}

/** What nobody measured. */
export function foreseen({ verify, onRedis, redis }) {
  return {
    shares: SHARES.map((share) => {
      const times = simulate({ cpu: verify, load: { rate: share / verify }, requests: 5 * REQUESTS })
      return { share, rate: share / verify, ...times }
    }),
    // Each session is read anew, as where some session ends in every moment.
    fleets: PROCESSES.map((processes) => {
      const load = { rate: (processes * SHARE) / onRedis }
      const run = { processes, cpu: onRedis, load, redis: { ...redis, keys: 1 }, requests: 2 * REQUESTS }
      return { processes, ...simulate(run), rate: load.rate }
    }),
  }
}

const count = (number) => Math.round(number).toLocaleString('en-US')
const round = (number) => count(Number(number.toPrecision(2)))
const micros = (seconds) => `${(seconds * 1e6).toFixed(seconds < 1e-5 ? 2 : seconds < 1e-4 ? 1 : 0)} µs`
const millis = (seconds) => `${(seconds * 1e3).toFixed(2)} ms`
const percent = (share) => `${(share * 100).toFixed(1)} %`
const table = (head, rows) =>
  [head, head.map((_, n) => (n === 0 ? '---' : '---:')), ...rows].map((row) => `| ${row.join(' | ')} |`)

/** Both pages as they have to be. */
export function scalingPages(constants, checks, ahead, root) {
  return Object.fromEntries(
    ['', '.zh-CN'].map((ending, language) => {
      const path = join(root, `docs/scaling${ending}.md`)
      const parts = partsOf(constants, checks, ahead, (...texts) => texts[language], language)
      const text = readFileSync(path, 'utf8').replace(
        /(<!-- (\w+) -->\n)[\s\S]*?(?=<!-- end of \2 -->)/g,
        (_, marker, name) => `${marker}\n${parts[name].join('\n')}\n\n`,
      )
      return [path, text]
    }),
  )
}

function partsOf(constants, checks, { shares, fleets }, say, language) {
  const {
    verify,
    login,
    onRedis,
    redis,
    bytes,
    loginInRedis,
    memory: loaded,
    about,
    from,
    piped,
    known,
  } = constants
  const titleOf = (name) => operations.find((one) => one.name === name).title[language]
  const processes = Math.ceil((GOAL.rate * onRedis) / SHARE)
  const logins = GOAL.sessions / TTL
  const memory = GOAL.sessions * bytes
  const whole = say('the whole bench', '完整的基准测试')
  const short = say('short runs on a busy machine', '繁忙机器上的短测')
  return {
    constants: [
      say(
        `The whole bench: ${from.date}, Node ${from.node}, \`${from.command}\`. Short runs on a busy machine, whose CPU times are too high rather than too low: ${about.date}, Node ${about.node}, Redis ${about.redis}, \`${about.bench}\` and \`${about.benchmark}\`.`,
        `完整的基准测试：${from.date}，Node ${from.node}，\`${from.command}\`。繁忙机器上的短测（CPU 时间偏高而非偏低）：${about.date}，Node ${about.node}，Redis ${about.redis}，\`${about.bench}\` 与 \`${about.benchmark}\`。`,
      ),
      '',
      ...table(say(['constant', 'value', 'from'], ['常数', '值', '来源']), [
        [say('a verification from memory, SQLite', '一次验证（在内存中，SQLite）'), micros(verify), whole],
        [
          say('the same on Redis', '同上，Redis'),
          micros(onRedis),
          known.verify
            ? whole
            : say('the first, times the ratio in one short run', '前者乘以一次短测中的比值'),
        ],
        [say('a login', '一次登录'), micros(login), whole],
        [
          say('a session in Redis, with what its user has', 'Redis 中的一个会话，含其用户的数据'),
          `${count(bytes)} B`,
          known.bytes ? whole : short,
        ],
        [
          say('Redis, a connection with commands in it', 'Redis，一个有命令的连接'),
          micros(redis.perTurn),
          short,
        ],
        [say('Redis, each GET of them', 'Redis，其中每个 GET'), micros(redis.perKey), short],
        [say('Redis, a login', 'Redis，一次登录'), micros(loginInRedis), known.login ? whole : short],
        [
          say('to another machine and back', '到另一台机器的往返'),
          micros(redis.roundTrip),
          say('assumed', '假设'),
        ],
      ]),
    ],
    reproduced: [
      ...table(
        say(
          ['r3session, 16 at once, one core', 'measured', 'simulated', 'off by'],
          ['r3session，16 个并发，一个核', '实测', '模拟', '偏差'],
        ),
        [
          ...checks.map(({ name, measured, simulated, off }) => [
            titleOf(name),
            `${count(measured)}/s`,
            `${count(simulated)}/s`,
            percent(off),
          ]),
          [
            say('Redis, GETs by 16', 'Redis，每批 16 个 GET'),
            micros(piped.measured),
            micros(piped.simulated),
            percent(piped.simulated / piped.measured - 1),
          ],
        ],
      ),
    ],
    shares: table(
      say(['core in use', 'verifications a second', 'p50', 'p99'], ['核的占用', '每秒验证数', 'p50', 'p99']),
      shares.map(({ share, rate, p50, p99 }) => [`${share * 100} %`, count(rate), millis(p50), millis(p99)]),
    ),
    fleets: table(
      say(
        ['processes', 'verifications a second', "Redis's core in use", 'p50', 'p99'],
        ['进程数', '每秒验证数', 'Redis 核的占用', 'p50', 'p99'],
      ),
      fleets.map((one) => [
        one.processes,
        count(one.rate),
        percent(one.redisBusy),
        millis(one.p50),
        millis(one.p99),
      ]),
    ),
    sums: table(say(['for', 'sum', 'is'], ['项目', '算式', '结果']), [
      [
        say('processes that verify', '用于验证的进程'),
        `1,000,000 × ${micros(onRedis)} / ${SHARE}`,
        count(processes),
      ],
      [say('vCPU for them', '其 vCPU'), say('one each', '每个进程一个'), count(processes)],
      [
        say('memory for them', '其内存'),
        `${count(processes)} × ${count(loaded / 1e6)} MB`,
        `${((processes * loaded) / 1e9).toFixed(1)} GB`,
      ],
      [
        say('logins a second', '每秒登录数'),
        say(`10⁹ / ${count(TTL)} s`, `10⁹ / ${count(TTL)} 秒`),
        count(logins),
      ],
      [
        say('processes that log in', '用于登录的进程'),
        `${count(logins)} × ${micros(login)} / ${SHARE}`,
        count(Math.ceil((logins * login) / SHARE)),
      ],
      [say('memory in Redis', 'Redis 中的内存'), `10⁹ × ${count(bytes)} B`, `${round(memory / 1e9)} GB`],
      [
        say('masters, by memory', '主节点数，按内存'),
        `${round(memory / 1e9)} GB / ${NODE / 1e9} GB`,
        count(Math.ceil(memory / NODE)),
      ],
      [say('the same with a replica each', '每个再加一个副本'), '× 2', count(Math.ceil(memory / NODE) * 2)],
      [
        say("Redis's cores for the logins", '登录所需的 Redis 核'),
        `${count(logins)} × ${micros(loginInRedis)}`,
        (logins * loginInRedis).toFixed(1),
      ],
      [
        say('network of the verifications, both ways', '验证的网络流量，双向'),
        `1,000,000 × ${WIRE} B × 8`,
        `${((GOAL.rate * WIRE * 8) / 1e9).toFixed(1)} Gbit/s`,
      ],
    ]),
  }
}
