/** What a fault is, and what is held against it. */
import { spawnSync } from 'node:child_process'
import type { Stage } from './stage/stage.js'

/**
 * What was seen under a fault, by the names of the columns:
 *
 * - `asked`: the answers to what the fault hits, as `503 wechat_unreachable`; `refused` is no connection,
 *   `none` a request without a whole answer
 * - `calls`: how many requests WeChat saw of it
 * - `sessions`: the answers to verifications of sessions that existed, asked all the while
 * - `start`: what came of a start with the fault in place
 * - `lost`: confirmed logins that are no sessions afterwards, and confirmed logouts that are none
 * - `recovered`: whether logins work again once the fault is lifted
 *
 * and what else a fault has to show.
 */
export type Seen = Readonly<Record<string, Value>>
type Value = string | number | readonly string[]

/** The value; or a list of what may be seen, the first of which has to be; or any of some. */
export type Expected = Readonly<Record<string, Value | { readonly anyOf: readonly string[] }>>

/** Programs that Debian has, and that are not everywhere. */
export type Program = 'strace' | 'faketime'

export interface Fault {
  readonly group: 'WeChat' | 'store' | 'process'
  readonly name: string
  /** How it is made. */
  readonly made: string
  readonly expected: Expected
  readonly needs?: readonly Program[]
}

export type Playable = Fault & { readonly play: (stage: Stage) => Promise<Seen> }

/** What came of a fault. */
export interface Result {
  readonly fault: Fault
  readonly seen?: Seen
  /** What was not as expected; empty where all was. */
  readonly misses: readonly string[]
  /** Programs that are missing, so that it was not tried. */
  readonly missing: readonly Program[]
}

/** Where what was seen differs from what is expected, in words. */
export function missesOf(expected: Expected, seen: Seen): string[] {
  return Object.entries(expected).flatMap(([name, wanted]) => {
    const value = seen[name] ?? 'nothing'
    const atoms = (typeof value === 'object' ? value : [value]).map(String)
    return fits(wanted, atoms) ? [] : [`${name}: ${atoms.join(', ')} instead of ${textOf(wanted)}`]
  })
}

function fits(wanted: Expected[string], atoms: readonly string[]): boolean {
  if (typeof wanted !== 'object') return atoms.length === 1 && atoms[0] === String(wanted)
  if ('anyOf' in wanted) return atoms.every((atom) => wanted.anyOf.includes(atom))
  return atoms.every((atom) => wanted.includes(atom)) && atoms.includes(wanted[0] ?? '')
}

export function textOf(value: Expected[string]): string {
  if (typeof value !== 'object') return String(value)
  return 'anyOf' in value ? value.anyOf.join(' or ') : value.join(', ')
}

const there = new Map<Program, boolean>()

/** Those of the programs that are not there. */
export function missingOf(programs: readonly Program[] = []): Program[] {
  return programs.filter((program) => {
    const known = there.get(program) ?? spawnSync('which', [program]).status === 0
    there.set(program, known)
    return !known
  })
}
