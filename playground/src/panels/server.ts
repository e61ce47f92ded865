/** What the service has stored: the session, the user's other sessions, and the session_keys for the user's data. */
import { el, find } from '../page/dom.js'
import { timeOfDay } from '../page/values.js'
import type { ServerView } from '../sandbox/sandbox.js'
import type { Texts } from '../texts/en.js'
import type { Language } from '../texts/language.js'

/** How long the service decrypts data with a replaced key, in milliseconds. */
const REPLACED_KEY_LIFE = 15 * 60_000

/** Creates an empty panel. @param clock gives milliseconds since 1970, to tell how long replaced keys still work */
export function createServerPanel(language: Language, clock: () => number) {
  const panel = find('server')
  let shown: ServerView | undefined

  const draw = () => {
    const { texts } = language
    if (!shown) return panel.replaceChildren()
    if (!shown.session)
      return panel.replaceChildren(el('p', { class: 'verdict bad' }, `✕ ${texts.noSession}`))
    const { session, sessions, ring, weixinKey } = shown
    panel.replaceChildren(
      verdict(shown, texts),
      el('h3', {}, texts.thisSession),
      facts(session),
      el('h3', {}, `${texts.allSessions} (${sessions.length})`),
      el(
        'ul',
        {},
        ...sessions.map(({ id, lastSeenAt }) => sessionRow(id, lastSeenAt, id === session.id, texts)),
      ),
      el('h3', {}, texts.ring),
      el('p', { class: 'quiet' }, texts.ringNote),
      el('ul', { class: 'ring' }, ...ring.map((key) => keyRow(key, weixinKey, clock(), texts))),
    )
  }
  language.onChange(draw)

  return {
    show(view: ServerView | undefined): void {
      shown = view
      draw()
    },
  }
}

function facts(session: NonNullable<ServerView['session']>): HTMLElement {
  const rows = Object.entries(session).map(([name, value]) =>
    el('div', {}, el('dt', {}, name), el('dd', {}, name.endsWith('At') ? utcTime(value) : value)),
  )
  return el('dl', {}, ...rows)
}

function sessionRow(id: string, lastSeenAt: string, isThis: boolean, texts: Texts): HTMLElement {
  const who = el('span', { class: isThis ? 'badge good' : 'badge' }, isThis ? texts.thisOne : texts.otherOne)
  return el(
    'li',
    {},
    el('code', {}, id.slice(0, 8)),
    who,
    el('time', { datetime: lastSeenAt }, timeOfDay(Date.parse(lastSeenAt)).slice(0, 8)),
  )
}

function keyRow(
  { fingerprint, replacedAt }: ServerView['ring'][number],
  weixinKey: string | null,
  now: number,
  texts: Texts,
): HTMLElement {
  const left = replacedAt === undefined ? 0 : Date.parse(replacedAt) + REPLACED_KEY_LIFE - now
  const state =
    replacedAt === undefined ? texts.current : texts.replaced(Math.max(0, Math.ceil(left / 60_000)))
  const isHonoured = fingerprint === weixinKey
  return el(
    'li',
    {},
    el('code', {}, fingerprint),
    el('span', { class: replacedAt === undefined ? 'badge good' : 'badge' }, state),
    isHonoured ? el('span', { class: 'badge good' }, `✓ ${texts.places.weixin}`) : '',
  )
}

function verdict({ ring, weixinKey }: ServerView, texts: Texts): HTMLElement {
  if (weixinKey === null) return el('p', { class: 'verdict bad' }, texts.honoursNone)
  const isKnown = ring.some(({ fingerprint }) => fingerprint === weixinKey)
  return el(
    'p',
    { class: isKnown ? 'verdict good' : 'verdict bad' },
    `${isKnown ? '✓' : '✕'} ${texts.honours(weixinKey)} ${isKnown ? texts.match : texts.mismatch}`,
  )
}

function utcTime(time: string): string {
  return time.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')
}
