/** The results that the mini program shows on its screen. */
import { el } from '../page/dom.js'
import { isRecord, shortenTokens } from '../page/values.js'
import type { Texts } from '../texts/en.js'
import type { ActionName } from './mini-program.js'

/** The outcome of a button, or another reason to show something. */
export interface Result {
  readonly kind: ActionName | 'welcome' | 'stillThere' | 'denied' | 'error' | 'second'
  readonly value?: unknown
}

/** The card that shows a result, in the language of `texts`. */
export function resultCard({ kind, value }: Result, texts: Texts): HTMLElement {
  const { results } = texts
  const fields = isRecord(value) ? value : {}
  const text = (name: string) => String(fields[name] ?? '')
  switch (kind) {
    case 'welcome':
      return card('welcome', avatar(), el('h3', {}, texts.anonymous), el('p', {}, results.welcome))
    case 'login':
      return card('good', tick(), el('p', {}, results.loggedIn(Number(fields['expiresIn']))))
    case 'stillThere':
      return card('good', tick(), el('p', {}, results.stillThere))
    case 'userInfo':
      return card(
        'user',
        avatar(),
        el('h3', {}, text('nickName')),
        pairs(Object.entries(fields).filter(([name]) => name === 'openId' || name === 'unionId')),
        el('p', {}, results.userNote),
      )
    case 'phoneNumber':
      return card(
        'number',
        el('h3', {}, `+${text('countryCode')} ${text('purePhoneNumber')}`),
        el('p', {}, results.phoneNote),
      )
    case 'api':
      return card(
        'api',
        el('p', {}, results.apiNote),
        pairs(Object.entries(isRecord(fields['headers']) ? fields['headers'] : {})),
      )
    case 'storage': {
      const keys = Array.isArray(fields['keys']) ? fields['keys'].map(String) : []
      const note = results.storageNote(Number(fields['currentSize']), Number(fields['limitSize']))
      return card(
        'stored',
        el('p', {}, note),
        el('p', {}, el('code', {}, keys.join(', ') || results.storageEmpty)),
      )
    }
    case 'pay':
      return card('good', tick(), el('p', {}, results.paid), pairs(Object.entries(fields)))
    case 'forget':
      return card('good', tick(), el('p', {}, results.forgotten), pairs(Object.entries(fields['left'] ?? {})))
    case 'logout':
      return card('welcome', avatar(), el('h3', {}, texts.anonymous), el('p', {}, results.loggedOut))
    case 'denied':
      return card('bad', el('p', {}, results.denied))
    case 'second':
      return card('good', tick(), el('p', {}, results.secondDone))
    case 'error':
      return errorCard(value, texts)
  }
}

/** What a user would be told, and below it what the program knows. */
function errorCard(error: unknown, { results }: Texts): HTMLElement {
  const { code, action, message, errMsg } = error as Readonly<Record<string, unknown>>
  const name = String(code ?? errMsg ?? message)
  const errors: Readonly<Record<string, string>> = results.errors
  const told = errors[String(code)] ?? errors[String(action)]
  if (told === undefined) return card('bad', el('h3', {}, name))
  return card(
    'bad',
    el('h3', {}, told),
    el(
      'p',
      { class: 'seen' },
      `${results.code} `,
      el('code', {}, name),
      ' action: ',
      el('code', {}, String(action)),
    ),
    action === 'relogin' ? el('p', {}, results.relogin) : '',
  )
}

function card(kind: string, ...children: (Node | string)[]): HTMLElement {
  return el('div', { class: `result-card ${kind}` }, ...children)
}

function pairs(entries: readonly (readonly [string, unknown])[]): HTMLElement {
  const rows = entries.map(([name, value]) =>
    el('div', {}, el('dt', {}, name), el('dd', {}, shortenTokens(String(value)))),
  )
  return el('dl', {}, ...rows)
}

/** Imitates WeChat's grey default avatar. WeChat's own picture would need a request to another host. */
function avatar(): HTMLElement {
  return el('span', { class: 'avatar', 'aria-hidden': 'true' })
}

function tick(): HTMLElement {
  return el('span', { class: 'tick', 'aria-hidden': 'true' }, '✓')
}
