import type { Exchange, Journal } from '../journal/journal.js'
import { el, find, keepList, makeToggle } from '../page/dom.js'
import { pretty } from '../page/values.js'
import type { Texts } from '../texts/en.js'
import type { Language } from '../texts/language.js'
import { curlOf } from './curl.js'

/** The mini program's requests and their answers, with shortened tokens. */
export function createNetworkPanel(journal: Journal, language: Language): void {
  const rows = keepList<Exchange>(find('network'), (exchange) => exchangeRow(exchange, language.texts))
  const draw = () => rows.show(journal.exchanges)
  language.onChange(() => {
    rows.forget()
    draw()
  })
  journal.onChange(draw)
  draw()
}

function exchangeRow(exchange: Exchange, texts: Texts): HTMLElement {
  const { from, method, path, header, body, answer, failure } = exchange
  const status = answer?.status ?? failure ?? texts.pending
  const isBad = failure !== undefined || (answer !== undefined && answer.status >= 400)
  const device = from === 'phone' ? '' : el('span', { class: 'device' }, texts.places[from])
  const button = el(
    'button',
    { type: 'button', class: isBad ? 'request bad' : 'request' },
    el('span', { class: 'path' }, device, path),
    el('span', {}, method),
    el('span', { class: 'status' }, String(status)),
    el('span', {}, answer === undefined ? '' : `${Math.round(answer.milliseconds)} ms`),
  )
  const sections = [
    section(texts.requestHeaders, header),
    section(texts.requestBody, body),
    section(texts.responseHeaders, answer?.header),
    section(texts.responseBody, answer?.body),
  ]
  const detail = el(
    'div',
    { class: 'detail' },
    copyButton(curlOf(exchange, location.origin), texts),
    ...sections.flat(),
  )
  makeToggle(button, detail)
  return el('li', {}, button, detail)
}

function copyButton(text: string, { copyCurl, copied }: Texts): HTMLElement {
  const button = el('button', { type: 'button', class: 'copy' }, copyCurl)
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(text)
    button.textContent = copied
  })
  return button
}

function section(title: string, value: unknown): HTMLElement[] {
  const isEmpty = value === undefined || value === '' || pretty(value) === '{}'
  return isEmpty ? [] : [el('h3', {}, title), el('pre', {}, pretty(value))]
}
