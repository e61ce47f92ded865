import { el, find, keepList } from './dom.js'
import type { Journal, Line } from './journal.js'
import type { Language } from './language.js'
import { isRecord, timeOfDay, valueView } from './values.js'

/** The console: the code that ran, what it gave, and errors in red, as WeChat's devtools show them. */
export function createConsolePanel(journal: Journal, language: Language): void {
  const list = find('console')
  const panel = find('panel-console')
  const rows = keepList<Line>(list, (line) => lineRow(line, language))
  const draw = () => {
    const before = list.childElementCount
    rows.show(journal.lines)
    if (list.childElementCount > before) panel.scrollTop = panel.scrollHeight
  }
  language.onChange(() => {
    rows.forget()
    draw()
  })
  journal.onChange(draw)
  draw()
}

const signs = { code: '›', value: '‹', error: '✕' } as const

function lineRow({ at, kind, from, value }: Line, { texts }: Language): HTMLElement {
  const who = from === 'phone2' ? el('span', { class: 'device' }, texts.places.phone2) : ''
  return el(
    'li',
    { class: `line ${kind}` },
    el('span', { class: 'sign', 'aria-hidden': 'true' }, signs[kind]),
    el(
      'div',
      { class: 'said' },
      who,
      kind === 'code' ? el('pre', {}, String(value)) : valueView(facts(value)),
    ),
    el('time', {}, timeOfDay(at)),
  )
}

/** An Error's own fields are what a caller can act on; its message stands first. */
function facts(value: unknown): unknown {
  if (!(value instanceof Error)) return value
  const { name, message } = value
  const fields: Record<string, unknown> = { ...value }
  const known = Object.entries(fields).filter(([, field]) => field !== undefined && !isRecord(field))
  return { name, message, ...Object.fromEntries(known) }
}
