import type { Journal, Line } from '../journal/journal.js'
import { el, find, keepList } from '../page/dom.js'
import { timeOfDay, valueView } from '../page/values.js'
import type { Language } from '../texts/language.js'

/** The console: the code that ran, its results, and errors in red, like WeChat's devtools. */
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
      kind === 'code' ? el('pre', {}, String(value)) : valueView(...consoleValue(value)),
    ),
    el('time', {}, timeOfDay(at)),
  )
}

/** How the console shows a value. An Error has its name and message as the title and its fields inside. */
function consoleValue(value: unknown): [value: unknown, title?: string] {
  if (!(value instanceof Error)) return [value]
  const fields = Object.entries(value).filter(([name, field]) => name !== 'name' && field !== undefined)
  return [Object.fromEntries(fields), `${value.name}: ${value.message}`]
}
