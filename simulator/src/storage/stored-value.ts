import { typeTag } from '../calls/failure.js'

/** A value as it is stored: as text, with its type. */
export interface StoredValue {
  readonly type: string
  readonly text: string
}

/**
 * The types that are restored, but only at the top level: inside objects, the rules of JSON apply. Others are read as
 * `''`.
 */
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

/** Throws like `JSON.stringify`, for example for circular objects. */
export function toStored(value: unknown): StoredValue {
  // `Symbol.toStringTag` may be any text, but the type in a record must be one word.
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
    // An object whose toJSON returned undefined was stored as an empty text.
    return ''
  }
}
