import type { Dice } from '../../support/genuine-data.js'

/** All texts here are bytes: a character is one. */
export function any<T>(dice: Dice, list: readonly T[]): T {
  const chosen = list[dice(list.length)]
  if (chosen === undefined) throw new Error('nothing to choose from')
  return chosen
}

export function oneIn(dice: Dice, howMany: number): boolean {
  return dice(howMany) === 0
}

/** Texts that have broken services before, or that lie on one of our own limits. */
const odd = [
  '',
  ' ',
  '0',
  '-1',
  '1e999',
  'null',
  'true',
  '[]',
  '{}',
  '"',
  "'",
  '\\',
  '/',
  '..',
  '../../etc/passwd',
  '%',
  '%00',
  '%2e%2e%2f',
  '%ff%fe',
  '%zz',
  '+',
  '&',
  '=',
  ';',
  '#',
  '\t',
  '\x7f',
  '\x80',
  '\xff\xfe',
  '\xed\xa0\x80',
  '\xc0\x80',
  '\xef\xbb\xbf',
  '\xe4\xb8\xad\xe6\x96\x87',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '{{7*7}}',
  '<script>',
  "' OR 1=1--",
  '1970-01-01T00:00:00Z',
  '9'.repeat(400),
  'a'.repeat(128),
  'A'.repeat(129),
  'f'.repeat(128),
  'x'.repeat(5000),
  '='.repeat(24),
  `${'A'.repeat(22)}==`,
]

export function oddText(dice: Dice): string {
  if (!oneIn(dice, 3)) return any(dice, odd)
  return Array.from({ length: dice(12) }, () => String.fromCharCode(dice(256))).join('')
}

/** The text with a few of its characters changed, dropped, doubled or moved. */
export function mangled(dice: Dice, text: string): string {
  let result = text
  for (let times = 1 + dice(3); times > 0; times--) {
    const at = dice(result.length + 1)
    const end = at + dice(6)
    const [before, piece, after] = [result.slice(0, at), result.slice(at, end), result.slice(end)]
    result = any(dice, [
      () => before + after,
      () => before + piece + piece + after,
      () => before + oddText(dice) + after,
      () => before + String.fromCharCode(dice(256)) + piece.slice(1) + after,
      () => after + piece + before,
      () => before.toUpperCase() + piece + after,
    ])()
  }
  return result
}

/** Mostly the value itself, so that what is odd stands alone. */
export function perhaps(dice: Dice, value: string, rarity = 4): string {
  if (!oneIn(dice, rarity)) return value
  return oneIn(dice, 2) ? oddText(dice) : mangled(dice, value)
}

const oddJson = [
  'null',
  'true',
  '0',
  '-1',
  '1e400',
  '[]',
  '{}',
  '[[]]',
  '{"a":{}}',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '01',
  '+1',
  'NaN',
  '"',
]

/** A JSON object with these fields, or something like one. */
export function jsonText(dice: Dice, fields: Readonly<Record<string, string>>): string {
  const parts: string[] = []
  for (const [name, value] of Object.entries(fields)) {
    if (oneIn(dice, 12)) continue
    const key = JSON.stringify(oneIn(dice, 15) ? oddText(dice) : name)
    const text = oneIn(dice, 6) ? any(dice, oddJson) : JSON.stringify(perhaps(dice, value, 5))
    parts.push(`${key}:${text}`)
    if (oneIn(dice, 20)) parts.push(`${key}:${any(dice, oddJson)}`)
  }
  if (oneIn(dice, 10)) parts.push(`"x":${'['.repeat(dice(60))}${']'.repeat(dice(60))}`)
  if (oneIn(dice, 40)) parts.push(...Array.from({ length: dice(1200) }, (_, n) => `"k${n}":${n}`))
  const whole = `{${parts.join(',')}}`
  return oneIn(dice, 8) ? mangled(dice, whole) : whole
}

/** The same as a form or a query. */
export function formText(dice: Dice, fields: Readonly<Record<string, string>>): string {
  const encode = (text: string) => {
    const plain = Buffer.from(perhaps(dice, text, 6), 'latin1').toString('latin1')
    if (oneIn(dice, 5)) return plain.replace(/[\s#]/g, '+')
    return plain.replace(/[^\w.~-]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
  }
  const pairs = Object.entries(fields).map(([name, value]) => `${encode(name)}=${encode(value)}`)
  if (oneIn(dice, 10)) pairs.push(any(dice, pairs.length > 0 ? pairs : ['a']))
  if (oneIn(dice, 40)) pairs.push('a&'.repeat(dice(300)))
  return pairs.join('&')
}
