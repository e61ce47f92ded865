/** The names of the settings, and what people write instead of them. */

import { APPID } from './apps.js'
import type { Text } from './language.js'
import { type Name, settings } from './settings.js'

export type Env = Readonly<Record<string, string | undefined>>

const names = Object.keys(settings).flatMap((name) => [name, `${name}_FILE`])

/** What names are compared by, made once: an environment has a hundred names, and each is held against all of these. */
const knownForms = names.map(formsOf)

/** Kubernetes describes each of its services so, and a service may be called `session` or `wechat`. */
const KUBERNETES = /._(SERVICE_HOST|SERVICE_PORT|PORT)$|._(SERVICE_PORT|PORT)_/

/** What it gives to `<service>_PORT`: METRIC_PORT with a number was set by somebody. */
const KUBERNETES_ADDRESS = /^(tcp|udp|sctp):\/\//

const OUR_PREFIX = /^(R3SESSION|WECHAT|WEIXIN|WX|SESSION|SERVICE_KEYS?|OPEN_DATA|TRUST_PROXY|LIMIT)_/

/** Of the desktop (X11) and of wxWidgets. */
const notOurs = ['SESSION_MANAGER', 'WX_CONFIG']

/** What else a mini program is called in front of `_APPID` and the like. */
const MINI_PROGRAM =
  '(?:WECHAT|WEIXIN|WX|WXA|MP|WE_?APP|WX_?APP|MINI_?APP|MINI_?PROGRAM|' +
  '(?:WECHAT|WEIXIN|WX)_?(?:MP|MINI|MA|XCX|WE_?APP|MINI_?APP|MINI_?PROGRAM))_?'

const commonMistakes: readonly [RegExp, Name][] = [
  [new RegExp(`^${MINI_PROGRAM}(?:APP_?ID|(?<=(?:APP|PROGRAM)_?)ID)$`), 'WECHAT_APPID'],
  [new RegExp(`^${MINI_PROGRAM}(?:APP_?)?SECRET(?:_?KEY)?$`), 'WECHAT_SECRET'],
  [new RegExp(`^${MINI_PROGRAM}APPS$`), 'WECHAT_APPS'],
  [/^(?:WECHAT|WEIXIN|WX)_?API(?:_?(?:BASE|BASE_URL|URL|HOST|ORIGIN|ENDPOINT))?$/, 'WECHAT_API'],
  [/^(?:WECHAT|WEIXIN|WX)_?(?:API_?)?TIME_?OUT(?:_MS)?$/, 'WECHAT_TIMEOUT'],
  [/^SESSION_(?:STORAGE|STORE_(?:URL|URI|PATH))$/, 'SESSION_STORE'],
  [/^TRUST(?:ED)?_?PROX(?:Y|IES)$/, 'TRUST_PROXY'],
]

/** Any application has such a thing, so its value must look like WeChat's as well. */
const BARE_APPID = /^APP_?ID$/

/** Whether Kubernetes, and no operator, has given this value to this name. */
function isInjected(name: string, value: string): boolean {
  return /.(?<!_SERVICE)_PORT$/.test(name) ? KUBERNETES_ADDRESS.test(value) : KUBERNETES.test(name)
}

/**
 * Looks through the names in the environment, those with a value.
 *
 * @returns what is plainly one of our settings misspelt, and what only might be meant for us
 */
export function examineNames(env: Env): { mistakes: Text[]; warnings: Text[] } {
  const mistakes: Text[] = []
  const warnings: Text[] = []
  const withoutApp = !['WECHAT_APPID', 'WECHAT_APPS'].some((name) => env[name] || env[`${name}_FILE`])
  for (const [name, value] of Object.entries(env)) {
    if (!value || names.includes(name) || isInjected(name, value)) continue
    const shown = visible(name)
    const bareAppid = withoutApp && APPID.test(value) && BARE_APPID.test(canonical(name))
    const meant = bareAppid ? ['WECHAT_APPID'] : meantBy(name)
    if (meant.length > 0) {
      mistakes.push({
        en: `${shown} is not a setting; did you mean ${meant.join(' or ')}?`,
        zh: `${shown} 不是本服务的配置项；是否想写 ${meant.join(' 或 ')}？`,
      })
    } else if (OUR_PREFIX.test(canonical(name)) && !notOurs.includes(name) && !KUBERNETES.test(name)) {
      warnings.push({
        en: `${shown} is not a setting and has no effect`,
        zh: `${shown} 不是本服务的配置项，不起作用`,
      })
    }
  }
  return { mistakes, warnings }
}

/** The settings a name was probably meant to be, none for a name of somebody else's. */
function meantBy(name: string): readonly string[] {
  const plain = canonical(name).replace(/^R3SESSION_/, '')
  if (names.includes(plain)) return [plain]
  const [, base = plain, file = ''] = /^(.*?)_?(_FILE)$/.exec(plain) ?? []
  const common = commonMistakes.find(([pattern]) => pattern.test(base))
  if (common !== undefined) return [common[1] + file]
  const form = formsOf(plain)
  let least = TOO_MANY - 1
  let nearest: string[] = []
  for (const known of knownForms) {
    // Names of others are an edit or two from these (POST, SORT, HOSTS, WORKER): only swapped letters count there.
    if (/^(HOST|PORT|WORKERS)/.test(known.name) && form.letters !== known.letters) continue
    const edits = form.squashed === known.squashed ? 0 : editsBetweenForms(form, known)
    if (edits > least) continue
    nearest = edits < least ? [known.name] : [...nearest, known.name]
    least = edits
  }
  return nearest
}

function formsOf(name: string) {
  const letters = [...name].sort().join('')
  const alphabet = [...name].reduce((bits, char) => bits | (1 << (char.charCodeAt(0) % 32)), 0)
  return { name, letters, alphabet, squashed: name.replaceAll('_', '') }
}

/** An edit adds one letter to a name's alphabet at most and takes one away, so most pairs need no closer look. */
function editsBetweenForms(one: ReturnType<typeof formsOf>, other: ReturnType<typeof formsOf>): number {
  let differing = 0
  for (let bits = one.alphabet ^ other.alphabet; bits !== 0; bits &= bits - 1) differing++
  return differing > 2 * (TOO_MANY - 1) ? TOO_MANY : editsBetween(one.name, other.name)
}

/** As settings are written: `wechat-appId` and a name that begins with a byte order mark are near misses. */
function canonical(name: string): string {
  return name
    .replace(/[^\x21-\x7e]/g, '')
    .toUpperCase()
    .replace(/[-.]/g, '_')
}

/** A foreign name as it may be printed: nothing in it moves the cursor or hides. */
function visible(name: string): string {
  const asCode = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  return name.slice(0, 64).replace(/[^\x21-\x7e]/g, asCode)
}

/** Further apart than this, two names are different names. */
const TOO_MANY = 3

/**
 * Letters added, left out, replaced, or swapped with their neighbour, that make one text of the other; 3 where it is
 * more. Stops as soon as that is certain.
 */
export function editsBetween(one: string, other: string): number {
  if (Math.abs(one.length - other.length) >= TOO_MANY) return TOO_MANY
  let before: number[] = []
  let above = Array.from({ length: other.length + 1 }, (_, column) => column)
  let leastAbove = 0
  for (let row = 1; row <= one.length; row++) {
    const current = [row]
    let least = row
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1]
      let edits = Math.min(
        at(above, column - 1) + (same ? 0 : 1),
        at(above, column) + 1,
        at(current, column - 1) + 1,
      )
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      if (row > 1 && swapped) edits = Math.min(edits, at(before, column - 2) + 1)
      current.push(edits)
      least = Math.min(least, edits)
    }
    // A swap reaches back two rows.
    if (least >= TOO_MANY && leastAbove >= TOO_MANY) return TOO_MANY
    leastAbove = least
    before = above
    above = current
  }
  return Math.min(TOO_MANY, at(above, other.length))
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
