/** Formats values as developer tools do: tokens and ciphertexts shortened, objects on one line or several. */
import { el } from './dom.js'

/** A text without spaces that is longer than this is a token or ciphertext, and is shortened. */
const MAX_LENGTH = 64

/** Shortens each r3session, 128 hex digits, to its first and last four: enough to tell two of them apart. */
export function shortenTokens(text: string): string {
  return text.replace(/\b([0-9a-f]{4})[0-9a-f]{120}([0-9a-f]{4})\b/g, '$1…$2')
}

function shorten(text: string): string {
  const short = shortenTokens(text)
  if (short.length <= MAX_LENGTH || /\s|^https?:/.test(short)) return short
  return `${short.slice(0, 24)}… (${text.length})`
}

/** JSON on several lines. Strings are shown without quotes. */
export function pretty(value: unknown): string {
  if (typeof value === 'string') return shorten(value)
  return (
    JSON.stringify(value, (_, inner) => (typeof inner === 'string' ? shorten(inner) : inner), 2) ??
    String(value)
  )
}

/** A value on one line, like the preview of an object in a browser's console. */
export function preview(value: unknown): string {
  if (typeof value === 'string') return `'${shorten(value)}'`
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(preview).join(', ')}]`
  const fields = Object.entries(value).map(([name, inner]) => `${name}: ${preview(inner)}`)
  return `{${fields.join(', ')}}`
}

/**
 * Shows a value. An object can be opened.
 *
 * @param title shown while it is closed; default: a preview
 */
export function valueView(value: unknown, title = preview(value)): HTMLElement {
  const isPlain = typeof value !== 'object' || value === null || Object.keys(value).length === 0
  if (isPlain) return el('span', { class: 'value' }, title)
  return el('details', { class: 'value' }, el('summary', {}, title), el('pre', {}, pretty(value)))
}

/** `14:03:07.041`, in local time. */
export function timeOfDay(at: number): string {
  const time = new Date(at)
  const two = (part: number) => String(part).padStart(2, '0')
  const seconds = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`
  return `${seconds}.${String(time.getMilliseconds()).padStart(3, '0')}`
}

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

/** `3 days`, `10 minutes`, `3天`: in the largest unit that fits at least 0.99 times. */
export function duration(seconds: number, language: string): string {
  const [unit, size] = units.find(([, size]) => seconds > size * 0.99) ?? (['second', 1] as const)
  const format = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 } as const
  return new Intl.NumberFormat(language, format).format(seconds / size)
}

/** Whether a value is an object with named fields. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value of a header. Ignores the case of names, because platforms differ. */
export function headerNamed(header: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.entries(header).find(([key]) => key.toLowerCase() === name)?.[1]
}
