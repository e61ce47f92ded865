import { typeTag } from '../calls/failure.js'

/** A value as it lies in the storage: a text, and the type that it had. */
export interface StoredValue {
  readonly type: string
  readonly text: string
}

/** Of these the type survives; only at the top, for inside objects JSON's rules hold. The rest reads back as `''`. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  String: (text) => text,
  Number,
  Boolean: (text) => text === 'true',
  Null: () => null,
  Undefined: () => undefined,
  Date: (text) => new Date(Number(text)),
  Array: parsed,
  Object: parsed,
}

/** Fails as `JSON.stringify` fails: for circular objects, say. */
export function toStored(value: unknown): StoredValue {
  // An object may call itself anything; in a record a type is one word.
  const type = typeTag(value).replace(/\W/g, '')
  if (type === 'Array' || type === 'Object') return { type, text: JSON.stringify(value) ?? '' }
  if (type === 'Date') return { type, text: String(Number(value)) }
  return { type, text: Object.hasOwn(readers, type) ? String(value) : '' }
}

export function fromStored({ type, text }: StoredValue): unknown {
  return Object.hasOwn(readers, type) ? readers[type]?.(text) : ''
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // An object whose toJSON gave nothing was stored as an empty text.
    return ''
  }
}
