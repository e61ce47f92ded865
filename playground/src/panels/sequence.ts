/**
 * The sequence diagram: a lane for each place, an arrow for each call, under the button that caused them. It is a list of
 * buttons, for screen readers.
 */
import type { Act, Journal, Place, Step } from '../journal/journal.js'
import { el, find, keepList, makeToggle } from '../page/dom.js'
import { pretty, timeOfDay } from '../page/values.js'
import type { Language } from '../texts/language.js'

/**
 * Draws the journal and keeps it up to date, with the newest step in view. What earlier buttons did is closed when
 * another one is pressed. The second phone and the shop get lanes when they are used.
 */
export function createSequence(journal: Journal, language: Language) {
  const scroll = find('sequence-scroll')
  const lanes = find('lanes')
  const list = find('steps')
  let places: readonly Place[] = []
  let newest = 0
  let shown = new Map<Act, ReturnType<typeof actGroup>>()

  const groups = keepList<Act>(list, (act) => {
    for (const [earlier, group] of shown) if (earlier !== act) group.close()
    const group = actGroup(act, language, (step) => stepRow(step, places, language))
    shown.set(act, group)
    return group.element
  })
  const forget = () => {
    groups.forget()
    shown = new Map()
  }

  const draw = () => {
    const used = (place: Place) =>
      journal.steps.some(({ from, to }) => from === place || to === place) ? [place] : []
    const wanted = [...used('phone2'), 'phone', ...used('shop'), 'service', 'weixin'] as const
    if (wanted.join() !== places.join()) {
      places = wanted
      forget()
    }
    const names = places.map((place) =>
      el('span', { class: `lane at-${place}` }, language.texts.places[place]),
    )
    lanes.replaceChildren(...names)
    scroll.style.setProperty('--lanes', String(places.length))
    const before = newest
    newest = journal.steps.at(-1)?.number ?? 0
    const acts = [...new Set(journal.steps.map(({ act }) => act))]
    groups.show(acts)
    for (const act of acts) shown.get(act)?.show(journal.steps.filter((step) => step.act === act))
    if (newest > before && !list.contains(document.activeElement)) scroll.scrollTop = scroll.scrollHeight
  }

  language.onChange(() => {
    forget()
    draw()
  })
  journal.onChange(draw)
  draw()
}

/** The steps of one act below its name, which opens and closes them. It begins open. */
function actGroup({ cause }: Act, { texts }: Language, rowOf: (step: Step) => HTMLElement) {
  const name =
    'action' in cause
      ? texts.actions[cause.action]
      : 'story' in cause
        ? texts.whatIfThat(texts.stories[cause.story].name)
        : texts[cause.text]
  const count = el('span', { class: 'count' })
  const button = el('button', { type: 'button', class: 'act-name' }, el('span', {}, name), count)
  const list = el('ol', { class: 'act-steps' })
  const rows = keepList<Step>(list, rowOf)
  const set = makeToggle(button, list)
  set(true)
  return {
    element: el('li', { class: 'act' }, button, list),
    show(steps: readonly Step[]): void {
      rows.show(steps)
      count.textContent = String(steps.length)
    },
    close: () => set(false),
  }
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
