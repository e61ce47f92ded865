/** Log lines for people: time, level, what happened, and the rest as name=value. */

const colours: Readonly<Record<string, string>> = {
  fatal: '\u001b[31m',
  error: '\u001b[31m',
  warn: '\u001b[33m',
  info: '\u001b[32m',
  debug: '\u001b[2m',
  trace: '\u001b[2m',
}
const RESET = '\u001b[0m'

/** A JSON line as a readable one; a line that is no JSON stays as it is. */
export function prettyLine(json: string, coloured: boolean): string {
  let fields: Record<string, unknown>
  try {
    fields = JSON.parse(json)
  } catch {
    return json
  }
  const { level, time, msg, ...rest } = fields
  const name = String(level)
  const label = name.toUpperCase().padEnd(5)
  const colour = coloured ? colours[name] : undefined
  const said = msg === 'request' ? requestIn(rest) : shown(msg, UNSEEN)
  const others = Object.entries(rest).map(([key, value]) => `  ${key}=${shown(value, NOT_ONE_WORD)}`)
  return `${clockTime(time)} ${colour === undefined ? label : colour + label + RESET} ${said}${others.join('')}\n`
}

/** The fields that every request has, taken out of the rest. */
function requestIn(rest: Record<string, unknown>): string {
  const { method, route, status, ms } = rest
  for (const name of ['method', 'route', 'status', 'ms']) delete rest[name]
  return [method, route, status, `${ms} ms`].map((value) => shown(value, UNSEEN)).join(' ')
}

/** What breaks a line, moves the cursor or hides. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
const NOT_ONE_WORD = /[^\p{L}\p{N}\p{P}\p{S}]/u

/** Text as it is, or as JSON where something in it is `odd`. */
function shown(value: unknown, odd: RegExp): string {
  if (typeof value === 'string' && !odd.test(value)) return value
  const asCode = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  return String(JSON.stringify(value)).replace(new RegExp(UNSEEN, 'gu'), asCode)
}

function clockTime(time: unknown): string {
  const date = new Date(Number(time))
  const two = (number: number) => String(number).padStart(2, '0')
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
}
