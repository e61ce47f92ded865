/** The measured part of docs/performance.md in either language; `language` is 0 for English, 1 for Chinese. */
import { bareKoaWithSqlite, contestants } from '../contestants.mjs'
import { operations } from '../operations.mjs'
import { BASE, ratiosOf } from './ratios.mjs'

const OURS = 'r3session'
const NOTHING = '–'
/** Closer than this is no difference. */
const CLEAR = 1.02

const titles = new Map([...contestants, bareKoaWithSqlite].map(({ name, title }) => [name, title]))
/** Whom a rival is held against, where that is not ours on SQLite. */
const beside = new Map(contestants.map((contestant) => [contestant.name, contestant.beside ?? OURS]))
const count = (number) => Math.round(number).toLocaleString('en-US')
const micros = (seconds) => `${(seconds * 1e6).toFixed(seconds < 1e-4 ? 1 : 0)} µs`
const millis = (number) => (number === undefined || number === null ? NOTHING : `${number.toFixed(2)} ms`)
const ratio = (number) => (number === undefined ? NOTHING : number.toFixed(2))
const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`
const row = (cells) => `| ${cells.join(' | ')} |`
/** The first columns are words, the rest numbers. */
const table = (head, rows, words = 1) => [
  row(head),
  row(head.map((_, n) => (n < words ? '---' : '---:'))),
  ...rows.map(row),
]

const rateOf = ({ rate, disturbed }) => `${disturbed ? '≈ ' : ''}${count(rate)}`

/** Those who were measured, the fastest first; ours has no better place. */
const ranked = (ofAll) =>
  Object.entries(ofAll)
    .filter(([, result]) => result.error === undefined)
    .sort(([, one], [, other]) => other.rate - one.rate)

export function sectionsOf(results, language) {
  const say = (...texts) => texts[language]
  const { about } = results
  const measured = operations
    .filter(({ name }) => results.operations[name] !== undefined)
    .map((operation) => ({
      ...operation,
      what: operation.what.map((text) => text.replace('20,000', count(about.cold))),
    }))
  return [
    say('## Measured', '## 测量结果'),
    '',
    ...saidAbout(about, say),
    '',
    ...glance(measured, results, language, say),
    '',
    ...measured.flatMap((operation) => [...sectionOf(operation, results, language, say), '']),
    ...overTls(results, language, say),
    ...inRedis(results, language, say),
    ...starts(results, language, say),
    say('## Where a rival is faster', '## 哪些对手更快'),
    '',
    ...faster(measured, results, language, say),
  ]
    .map((line) => (language === 0 && /^[^|!#]/.test(line) ? wrapped(line) : line))
    .join('\n')
}

/** As the other pages are; Chinese has no blanks to wrap at. */
function wrapped(paragraph) {
  const lines = ['']
  for (const word of paragraph.match(/(?:`[^`]*`|[^\s`])+/g)) {
    if (`${lines.at(-1)} ${word}`.length > 120) lines.push(paragraph.startsWith('- ') ? `  ${word}` : word)
    else lines[lines.length - 1] += lines.at(-1) === '' ? word : ` ${word}`
  }
  return lines.join('\n')
}

function saidAbout({ date, node, cpu, cores, command, rounds, seconds, filesystem, start, wrk }, say) {
  return [
    say(
      `${date}, Node ${node}, ${cpu} with ${cores} cores, SQLite on ${filesystem}, wrk ${wrk}; by \`${command}\`, ` +
        `medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${seconds} s each. r3session ran as \`${start}\`. ≈ stands before ` +
        'what other work on the machine disturbed in every round.',
      `${date}，Node ${node}，${cpu}（${cores} 核），SQLite 位于 ${filesystem}，wrk ${wrk}；命令为 \`${command}\`，` +
        `取 ${rounds} 轮、每轮 ${seconds} 秒的中位数。r3session 以 \`${start}\` 启动。带 ≈ 的数字在每一轮中都受到机器上其他任务的干扰。`,
    ),
  ]
}

function glance(measured, results, language, say) {
  const head = say(
    ['r3session', 'asked', 'requests a second', 'CPU a request', 'of bare Koa: requests', 'of bare Koa: CPU'],
    ['r3session', '请求', '每秒请求数', '每个请求的 CPU', '与空的 Koa 之比：请求数', '与空的 Koa 之比：CPU'],
  )
  const rows = measured.flatMap(({ name, title, what }) => {
    const ours = results.operations[name][OURS]
    if (ours?.rate === undefined) return []
    const to = ratiosOf(ours, results.operations[name][BASE])
    return [
      [title[language], what[language], rateOf(ours), micros(ours.cpu), ratio(to?.rate), ratio(to?.cpu)],
    ]
  })
  return table(head, rows, 2)
}

function sectionOf({ name, title, what }, results, language, say) {
  const ofAll = results.operations[name]
  const pace = Object.values(ofAll).find(({ times }) => times !== undefined)?.times.pace
  const head = say(
    ['', 'requests a second', 'CPU a request', 'ratio: requests', 'ratio: CPU', 'p50', 'p99'],
    ['', '每秒请求数', '每个请求的 CPU', '比值：请求数', '比值：CPU', 'p50', 'p99'],
  )
  const rows = ranked(ofAll).map(([rival, result]) => {
    const to = ratiosOf(result, ofAll[BASE])
    const bold = (text) => (rival.startsWith(OURS) ? `**${text}**` : text)
    const numbers = [rateOf(result), micros(result.cpu), ratio(to?.rate), ratio(to?.cpu)]
    const sign = result.times?.disturbed ? '≈ ' : ''
    const times = [result.times?.p50, result.times?.p99].map((time) => (time ? sign + millis(time) : NOTHING))
    return [bold(titles.get(rival)[language]), ...[...numbers, ...times].map(bold)]
  })
  return [
    `### ${title[language]}`,
    '',
    say(`${what[0]}.`, `${what[1]}。`) +
      (pace === undefined
        ? ''
        : say(
            ` The times are at ${count(pace)} requests a second; who has none could not keep that up, ` +
              'and bare `node:http` was not asked.',
            `延迟在每秒 ${count(pace)} 个请求时测得；没有数字的跟不上这个速率，空的 \`node:http\` 则未测。`,
          )),
    '',
    `![${name}](performance-${name}.svg)`,
    '',
    ...table(head, rows),
  ]
}

function overTls({ loginOverTls, about: { delay } }, language, say) {
  const all = Object.entries(loginOverTls ?? {}).filter(([, { error }]) => error === undefined)
  if (all.length === 0) return []
  all.sort(([, one], [, other]) => one.warm - other.warm)
  return [
    say('### Log in over a long link', '### 远距离登录'),
    '',
    say(
      `WeChat over TLS, ${delay} ms away in each direction, one login after the other. A round trip takes ${2 * delay} ms, and ` +
        'none can do with less; connections are those that 21 logins took.',
      `微信使用 TLS，单程 ${delay} 毫秒，逐个登录。一次往返为 ${2 * delay} 毫秒，谁也不可能更少；连接数是 21 次登录所用的连接。`,
    ),
    '',
    ...table(
      say(
        ['', 'the first', 'each that follows', 'round trips', 'connections'],
        ['', '首次', '之后每次', '往返次数', '连接数'],
      ),
      all.map(([name, { first, warm, trips, connections }]) => [
        titles.get(name)[language],
        `${Math.round(first)} ms`,
        `${warm.toFixed(1)} ms`,
        trips.toFixed(1),
        connections,
      ]),
    ),
    '',
  ]
}

function starts({ starts: times, memory }, language, say) {
  if (times === undefined) return []
  return [
    say('### Start and memory', '### 启动与内存'),
    '',
    say(
      'To the first 200, on a store that is there already; resident memory two seconds later, and the most under ' +
        '`GET /v1/auth`.',
      '到第一个 200 为止（数据库文件已存在）；两秒后的常驻内存，以及 `GET /v1/auth` 负载下的最大值。',
    ),
    '',
    ...table(
      say(
        ['', 'first 200 after', 'CPU until then', 'memory at rest', 'memory under load'],
        ['', '首个 200', '此前的 CPU', '空闲内存', '负载内存'],
      ),
      Object.entries(times).map(([name, { took, cpu }]) => [
        titles.get(name)[language],
        `${Math.round(took * 1000)} ms`,
        `${Math.round(cpu * 1000)} ms`,
        megabytes(memory[name].idle),
        megabytes(memory[name].loaded),
      ]),
    ),
    '',
  ]
}

function inRedis({ redis }, language, say) {
  if (redis === undefined) return []
  return [
    say('### On Redis', '### 使用 Redis'),
    '',
    say(
      'Redis is on the core of the load. All processes of r3session share one core, so it is the CPU time that tells what ' +
        'several cost.',
      'Redis 与负载在同一个核上。r3session 的所有进程共用一个核，因此多个进程的代价要看 CPU 时间。',
    ),
    '',
    ...table(
      say(['', 'bytes a session in Redis'], ['', 'Redis 中每个会话的字节数']),
      Object.entries(redis.bytes).map(([name, bytes]) => [titles.get(name)[language], count(bytes)]),
    ),
    '',
    ...table(
      say(
        ['r3session on Redis', 'processes', 'requests a second', 'CPU a request', "Redis's CPU a request"],
        ['r3session（Redis）', '进程数', '每秒请求数', '每个请求的 CPU', '每个请求的 Redis CPU'],
      ),
      redis.processes.map(({ workers, operation, ...run }) => [
        operations.find(({ name }) => name === operation).title[language],
        workers,
        rateOf(run),
        micros(run.cpu),
        micros(run.redis),
      ]),
    ),
    ...redis.left.flatMap(({ name, reason }) => [
      '',
      say(`Not measured: ${name} (${reason}).`, `未测量：${name}（${reason}）。`),
    ]),
    '',
  ]
}

/** Whoever does the job as well, and does more of it, at less cost or sooner. The empty ones do nothing. */
function faster(measured, results, language, say) {
  const found = measured.flatMap(({ name, title }) => {
    const ofAll = results.operations[name]
    const rivals = ranked(ofAll).filter(([rival]) => !/^(r3session.*|bare-.*|got-alone)$/.test(rival))
    return rivals.flatMap(([rival, { rate, cpu, times }]) => {
      const ours = ofAll[beside.get(rival)]
      if (ours?.rate === undefined) return []
      const points = []
      if (rate > ours.rate * CLEAR) {
        const much = ratio(rate / ours.rate)
        points.push(say(`${much} times the requests`, `请求数为 ${much} 倍`))
      }
      if (cpu * CLEAR < ours.cpu) {
        const much = ratio(cpu / ours.cpu)
        points.push(say(`${much} of the CPU time`, `CPU 时间为 ${much} 倍`))
      }
      if (times?.p99 * 1.2 < ours.times?.p99) {
        points.push(
          say(
            `p99 ${millis(times.p99)} instead of ${millis(ours.times.p99)}`,
            `p99 为 ${millis(times.p99)}，而非 ${millis(ours.times.p99)}`,
          ),
        )
      }
      const who = titles.get(rival)[language]
      return points.length === 0
        ? []
        : [say(`- ${title[0]}: ${who}, ${points.join(', ')}`, `- ${title[1]}：${who}，${points.join('，')}`)]
    })
  })
  const left = results.left.map(({ name, reason }) =>
    say(
      `- Not measured: ${titles.get(name)[0]} (${reason})`,
      `- 未测量：${titles.get(name)[1]}（${reason}）`,
    ),
  )
  if (found.length === 0)
    found.push(say('- Nowhere among those that do the job.', '- 完成同样工作的对手中没有。'))
  return [...found, ...left]
}
