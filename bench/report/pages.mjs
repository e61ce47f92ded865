/** Writes what was measured into the pages, between their markers, and the plots beside them. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { contestants } from '../contestants.mjs'
import { operations } from '../operations.mjs'
import { plotOf } from './plot.mjs'
import { BASE, ratiosOf } from './ratios.mjs'
import { sectionsOf } from './sections.mjs'

/** What the pages and plots have to say, by their path. */
export function pagesOf(results, root) {
  const pages = {}
  for (const [language, ending] of ['', '.zh-CN'].entries()) {
    const page = join(root, `docs/performance${ending}.md`)
    pages[page] = filled(page, `\n\n${sectionsOf(results, language)}\n\n`)
    const readme = join(root, `README${ending}.md`)
    const quoted = quote(results, language)
    if (quoted !== undefined) pages[readme] = filled(readme, quoted)
  }
  for (const operation of operations) {
    const ofAll = results.operations[operation.name]
    if (ofAll === undefined) continue
    pages[join(root, `docs/performance-${operation.name}.svg`)] = plot(operation, ofAll)
  }
  return pages
}

/** Writes them, and takes away the plots of what is no longer measured. */
export function writePages(results, root) {
  const pages = pagesOf(results, root)
  const docs = join(root, 'docs')
  const plots = readdirSync(docs).filter((name) => /^performance-.*\.svg$/.test(name))
  for (const path of plots.map((name) => join(docs, name))) if (!(path in pages)) rmSync(path)
  for (const [path, text] of Object.entries(pages)) writeFileSync(path, text)
}

function filled(path, text) {
  const page = readFileSync(path, 'utf8')
  const [before, , after] = page.split(/(?<=<!-- bench -->)([\s\S]*)(?=<!-- end of bench -->)/)
  if (after === undefined) throw new Error(`${path} has no <!-- bench --> ... <!-- end of bench -->`)
  return before + text + after
}

function plot({ title: [operation] }, ofAll) {
  const rows = contestants.flatMap(({ name: rival, title: [title] }) => {
    const result = ofAll[rival]
    if (result?.rate === undefined) return []
    const to = ratiosOf(result, ofAll[BASE])
    const note = `${Math.round(result.rate).toLocaleString('en-US')}/s${to ? ` · ${to.rate.toFixed(2)} of bare Koa` : ''}`
    const kind = rival.startsWith('r3session') ? 'ours' : rival.startsWith('bare-') ? 'bare' : 'rival'
    return [{ label: title.replaceAll('`', ''), value: result.rate, note, kind }]
  })
  rows.sort((one, other) => other.value - one.value)
  return plotOf(`${operation}: requests a second on one core`, rows)
}

/** What the README says of it, in as many lines as it said before. */
function quote({ operations: measured }, language) {
  const of = (name) => ratiosOf(measured[name]?.r3session, measured[name]?.[BASE])
  const [verify, ours, day] = [
    of('verify-hot'),
    measured['verify-hot']?.r3session,
    measured['verify-hot']?.['koa-day'],
  ]
  const [login, got] = [measured.login?.r3session, measured.login?.['got-alone']]
  if ([verify, day?.rate, login?.rate, got?.rate].includes(undefined)) return undefined
  const numbers = {
    rate: Math.round(ours.rate).toLocaleString('en-US'),
    koa: verify.rate.toFixed(2),
    cpu: verify.cpu.toFixed(2),
    day: (ours.rate / day.rate).toFixed(1),
    login: Math.round(login.rate).toLocaleString('en-US'),
    got: (login.rate / got.rate).toFixed(2),
  }
  return language === 0
    ? `**Every request of every service asks it who is calling.** On one core \`GET /v1/auth\` answers ${numbers.rate}
  times a second: ${numbers.koa} of what a Koa does that says \`ok\` to everything (${numbers.cpu} by CPU time), ${numbers.day} times what a Koa service
  written in a day does; ${numbers.login} logins a second are ${numbers.got} of what its HTTP client alone reaches.`
    : `**每个服务的每个请求都要问它“是谁在调用”。** 单核上 \`GET /v1/auth\` 每秒应答 ${numbers.rate} 次：是对一切都只答 \`ok\` 的 Koa 的 ${numbers.koa} 倍（按 CPU 时间为 ${numbers.cpu} 倍），是一天写成的 Koa 服务的 ${numbers.day} 倍；每秒 ${numbers.login} 次登录，是其 HTTP 客户端单独所能达到的 ${numbers.got} 倍。`
}
