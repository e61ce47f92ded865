/**
 * What the sandbox remembers, as JSON and back. Everything may come from another process, or be written by hand: what does
 * not fit is refused with its place, before anything has changed.
 */
import { isObject, SandboxError } from './sandbox-error.js'

/** How a value stands in JSON. `read` fails with a SandboxError for what is no such value. */
export interface Form<Value> {
  save(value: Value): unknown
  read(json: unknown, place: string): Value
}

/** A part of what is remembered. */
export interface Kept {
  save(): unknown
  /** Looks through what `save` gave, `undefined` for nothing, and gives what takes it over in place of what there is. */
  read(json: unknown, place: string): () => void
}

function plain<Value>(name: string, fits: (json: unknown) => json is Value): Form<Value> {
  return {
    save: (value) => value,
    read(json, place) {
      if (!fits(json)) throw new SandboxError(`${place} must be ${name}`)
      return json
    },
  }
}

/** Long enough for whatever is remembered, and no more. */
const MAX_TEXT = 4096

export const text = plain(
  `a text of up to ${MAX_TEXT} characters`,
  (json): json is string => typeof json === 'string' && json.length <= MAX_TEXT,
)

/** Instants, counts and amounts. */
export const whole = plain('a whole number', (json): json is number => Number.isSafeInteger(json))

export const flag = plain('true or false', (json): json is boolean => typeof json === 'boolean')

export const yes = plain('true', (json): json is true => json === true)

/** A key of 16 bytes as base64. */
export const key16 = plain(
  '16 bytes as base64',
  (json): json is string =>
    typeof json === 'string' &&
    /^[\w+/]{22}==$/.test(json) &&
    Buffer.from(json, 'base64').toString('base64') === json,
)

/** One of these values. */
export function oneOf<const Value extends string | number>(...values: readonly Value[]): Form<Value> {
  return plain(values.join(' or '), (json): json is Value => (values as readonly unknown[]).includes(json))
}

/** A number that may be endless, which JSON has no word for: it is left out then. */
export function wholeOr(endless: number): Form<number> {
  return {
    save: (value) => (value === endless ? null : value),
    read: (json, place) => (json === null ? endless : whole.read(json, place)),
  }
}

/** An object of these fields; those whose form gives `undefined` may be left out. */
export function fields<Value extends object>(
  forms: {
    readonly [Name in keyof Value]-?: Form<Exclude<Value[Name], undefined>> | Form<Value[Name]>
  },
): Form<Value> {
  const all = Object.entries(forms) as [string, Form<unknown>][]
  return {
    save: (value) =>
      Object.fromEntries(
        all.flatMap(([name, form]) => {
          const field = (value as Record<string, unknown>)[name]
          return field === undefined ? [] : [[name, form.save(field)]]
        }),
      ),
    read(json, place) {
      const given = objectIn(json, place)
      const unknown = Object.keys(given).find((name) => !Object.hasOwn(forms, name))
      if (unknown !== undefined) throw new SandboxError(`${place} has no ${JSON.stringify(unknown)}`)
      return Object.fromEntries(
        all.flatMap(([name, form]) => {
          const field = form.read(given[name], `${place}.${name}`)
          return field === undefined ? [] : [[name, field]]
        }),
      ) as Value
    },
  }
}

export function optional<Value>(form: Form<Value>): Form<Value | undefined> {
  return {
    save: (value) => (value === undefined ? undefined : form.save(value)),
    read: (json, place) => (json === undefined ? undefined : form.read(json, place)),
  }
}

export function list<Value>(form: Form<Value>, most: number): Form<Value[]> {
  return {
    save: (values) => values.map(form.save),
    read(json, place) {
      if (!Array.isArray(json)) throw new SandboxError(`${place} must be a list`)
      if (json.length > most) throw new SandboxError(`${place} has more than ${most} entries`)
      return json.map((entry, at) => form.read(entry, `${place}[${at}]`))
    },
  }
}

/** A Map, as an object. */
export function mapOf<Value>(form: Form<Value>, most: number): Form<Map<string, Value>> {
  return {
    save: (map) => Object.fromEntries([...map].map(([key, value]) => [key, form.save(value)])),
    read(json, place) {
      const entries = Object.entries(objectIn(json, place))
      if (entries.length > most) throw new SandboxError(`${place} has more than ${most} entries`)
      return new Map(
        entries.map(([key, value]) => [
          key,
          form.read(value, `${place}[${JSON.stringify(key.slice(0, 80))}]`),
        ]),
      )
    },
  }
}

/** A Set, as a list. */
export function setOf<Value>(form: Form<Value>, most: number): Form<Set<Value>> {
  const several = list(form, most)
  return {
    save: (set) => several.save([...set]),
    read: (json, place) => new Set(several.read(json, place)),
  }
}

/** A Map that is remembered, and stays the same Map. */
export function keptMap<Value>(map: Map<string, Value>, form: Form<Value>, most: number): Kept {
  const whole = mapOf(form, most)
  return {
    save: () => whole.save(map),
    read(json, place) {
      const read = whole.read(json ?? {}, place)
      return () => {
        map.clear()
        for (const [key, value] of read) map.set(key, value)
      }
    },
  }
}

export function keptSet<Value>(set: Set<Value>, form: Form<Value>, most: number): Kept {
  const several = setOf(form, most)
  return {
    save: () => several.save(set),
    read(json, place) {
      const read = several.read(json ?? [], place)
      return () => {
        set.clear()
        for (const value of read) set.add(value)
      }
    },
  }
}

/** One field of an object; nothing is what it is at first. */
export function keptValue<Name extends string, Value>(
  holder: { [name in Name]: Value },
  name: Name,
  form: Form<Value>,
  first: Value,
): Kept {
  return {
    save: () => form.save(holder[name]),
    read(json, place) {
      const read = json === undefined ? first : form.read(json, place)
      return () => {
        holder[name] = read
      }
    },
  }
}

/** Several parts, each under its name; a part that is not there is nothing. */
export function keptTogether(parts: Readonly<Record<string, Kept>>): Kept {
  return {
    save: () => Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.save()])),
    read(json, place) {
      const given = objectIn(json ?? {}, place)
      const unknown = Object.keys(given).find((name) => !Object.hasOwn(parts, name))
      if (unknown !== undefined) throw new SandboxError(`${place} has no ${JSON.stringify(unknown)}`)
      const taken = Object.entries(parts).map(([name, part]) => part.read(given[name], `${place}.${name}`))
      return () => {
        for (const take of taken) take()
      }
    },
  }
}

function objectIn(json: unknown, place: string): Record<string, unknown> {
  if (!isObject(json)) throw new SandboxError(`${place} must be an object`)
  return json
}
