import type { Kept } from '../state/kept.js'
import { isObject, SandboxError } from '../state/sandbox-error.js'
import { type WeixinPath, weixinPaths } from './endpoints.js'

/**
 * What calls to WeChat's endpoints meet instead of their answer, or on the way back to them.
 *
 * The first four come before WeChat has done anything: no code is spent. The others spoil the answer after WeChat has
 * done what the call asked for: a login code is spent, and the caller does not know.
 */
export type Fault = (
  | { readonly errcode: number }
  /** An HTTP error, 400 to 599, with a page of HTML. */
  | { readonly status: number }
  /** A page of HTML with status 200. */
  | { readonly html: true }
  /** A 302 to this address. */
  | { readonly redirect: string }
  /** The right answer, so many milliseconds late. */
  | { readonly delay: number }
  /** No answer; the connection stays open. */
  | { readonly hang: true }
  /** The connection is reset. */
  | { readonly reset: true }
  /** The first half of the right answer, as if it were all. */
  | { readonly half: true }
  /** The right answer, followed by blanks up to so many bytes; still valid JSON when read to its end. */
  | { readonly oversize: number }
) & {
  /** How many calls meet it; default 1. */
  readonly times?: number
  /** Only calls to this path meet it; default all. */
  readonly path?: WeixinPath
}

const kinds: Record<string, (value: unknown) => boolean> = {
  errcode: (value) => Number.isSafeInteger(value) && value !== 0,
  status: (value) => isIntegerWithin(400, 599, value),
  html: (value) => value === true,
  redirect: (value) => typeof value === 'string' && URL.canParse(value),
  delay: (value) => isIntegerWithin(0, 2 ** 31 - 1, value),
  hang: (value) => value === true,
  reset: (value) => value === true,
  half: (value) => value === true,
  oversize: (value) => isIntegerWithin(1, 2 ** 31 - 1, value),
}

/** Faults that wait at most; `recover` makes room. */
const MAX_FAULTS = 1000

/** The faults that the next calls will meet, in the order in which they were set. */
export function createFaults() {
  const waiting: { fault: Fault; left: number }[] = []

  return {
    /** Fails with a SandboxError when the fault is none. */
    add(fault: unknown): void {
      assertFault(fault)
      if (waiting.length >= MAX_FAULTS) throw new SandboxError(`${MAX_FAULTS} faults wait already`)
      waiting.push({ fault, left: fault.times ?? 1 })
    },

    /** Those that wait; `times: null` is a fault that is met for ever. */
    kept: {
      save: () => waiting.map(({ fault, left }) => ({ ...fault, times: left === Infinity ? null : left })),
      read(json, place) {
        if (json !== undefined && !Array.isArray(json)) throw new SandboxError(`${place} must be a list`)
        const faults = (json ?? []).map((saved: unknown) => {
          const fault = isObject(saved) && saved['times'] === null ? { ...saved, times: Infinity } : saved
          assertFault(fault)
          return fault
        })
        if (faults.length > MAX_FAULTS) throw new SandboxError(`${place} has more than ${MAX_FAULTS} entries`)
        return () => {
          waiting.length = 0
          for (const fault of faults) waiting.push({ fault, left: fault.times ?? 1 })
        }
      },
    } satisfies Kept,

    clear(): void {
      waiting.length = 0
    },

    /** The fault that a call to this path meets, if any; it counts as met. */
    take(path: string): Fault | undefined {
      const index = waiting.findIndex(({ fault }) => fault.path === undefined || fault.path === path)
      const next = waiting[index]
      if (next === undefined) return undefined
      next.left -= 1
      if (next.left === 0) waiting.splice(index, 1)
      return next.fault
    },
  }
}

export type Faults = ReturnType<typeof createFaults>

function assertFault(value: unknown): asserts value is Fault {
  const { times = 1, path, ...rest } = isObject(value) ? value : {}
  const [kind, ...others] = Object.keys(rest)
  if (kind === undefined || others.length > 0 || !Object.hasOwn(kinds, kind)) {
    throw new SandboxError(`a fault has one of ${Object.keys(kinds).join(', ')}, and may have times and path`)
  }
  if (!kinds[kind]?.(rest[kind])) throw new SandboxError(`${kind} can't have this value`)
  if (times !== Infinity && !isIntegerWithin(1, Number.MAX_SAFE_INTEGER, times)) {
    throw new SandboxError('times must be a whole number from 1 on, or Infinity')
  }
  if (path !== undefined && !weixinPaths.some((known) => known === path)) {
    throw new SandboxError(`path must be one of ${weixinPaths.join(', ')}`)
  }
}

function isIntegerWithin(min: number, max: number, value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
}
