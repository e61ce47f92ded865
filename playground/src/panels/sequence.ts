/** The sequence diagram: a lane for each place, an arrow for each call. It is a list of buttons, for screen readers. */
import type { Journal, Place, Step } from '../journal/journal.js'
import { el, find, keepList, makeToggle } from '../page/dom.js'
import { pretty, timeOfDay } from '../page/values.js'
import type { Language } from '../texts/language.js'

/**
 * Draws the journal and keeps it up to date, with the newest step in view. The second phone gets a lane when it is
 * used.
 */
export function createSequence(journal: Journal, language: Language) {
  const scroll = find('sequence-scroll')
  const lanes = find('lanes')
  const list = find('steps')
  let places: readonly Place[] = []

  const rows = keepList<Step>(list, (step) => stepRow(step, places, language))

  const draw = () => {
    const isTwo = journal.steps.some(({ from }) => from === 'phone2')
    const wanted: readonly Place[] = [...(isTwo ? ['phone2' as const] : []), 'phone', 'service', 'weixin']
    if (wanted.length !== places.length) {
      places = wanted
      rows.forget()
    }
    const names = places.map((place) =>
      el('span', { class: `lane at-${place}` }, language.texts.places[place]),
    )
    lanes.replaceChildren(...names)
    scroll.style.setProperty('--lanes', String(places.length))
    const before = list.childElementCount
    rows.show(journal.steps)
    if (list.childElementCount > before && !list.contains(document.activeElement)) {
      scroll.scrollTop = scroll.scrollHeight
    }
  }

  language.onChange(() => {
    rows.forget()
    draw()
  })
  journal.onChange(draw)
  draw()
}

function stepRow(step: Step, places: readonly Place[], { texts }: Language): HTMLElement {
  const [from, to] = [places.indexOf(step.from), places.indexOf(step.to)]
  const alone = from === places.length - 1 ? 'self last' : 'self'
  const direction = from < to ? 'right' : from > to ? 'left' : alone
  const label = typeof step.label === 'string' ? step.label : texts.events[step.label.event]
  const way = [...new Set([texts.places[step.from], texts.places[step.to]])].join(' → ')
  const button = el(
    'button',
    { type: 'button', class: 'arrow' },
    el('span', { class: 'step-number' }, String(step.number)),
    el('span', { class: 'way' }, ` ${way}: `),
    el('span', { class: 'step-label', title: label }, label),
    el('span', { class: 'step-line', 'aria-hidden': 'true' }),
  )
  const about = step.topic === undefined ? '' : el('p', {}, texts.topics[step.topic])
  const inside = step.detail === undefined ? '' : el('pre', {}, pretty(step.detail))
  const facts = el('p', { class: 'facts' }, `${timeOfDay(step.at)} · ${way}`)
  const detail = el('div', { class: 'detail' }, facts, about, inside)
  makeToggle(button, detail)
  const row = el('li', { class: `step ${step.tone} ${direction}` }, button, detail)
  row.style.setProperty('--low', String(Math.min(from, to)))
  row.style.setProperty('--span', String(Math.abs(to - from)))
  return row
}
