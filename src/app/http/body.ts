import { isUtf8 } from 'node:buffer'
import type { z } from 'zod'
import type { R3SessionError } from '../../domain/errors.js'
import { isObject } from '../../domain/json.js'
import type { Admission } from '../admission/admission.js'
import type { Lane } from '../admission/lanes.js'
import type { Text } from '../config/language.js'
import { type Asked, header } from './asked.js'
import { formFields } from './input/form.js'
import { pieceCount } from './input/tiny-chunks.js'
import { overgrown } from './json-size.js'
import { ExplainedError } from './problems.js'
import type { Body, Query } from './route.js'

/** For bodies of a few fields, and for those that carry encryptedData. */
export const SMALL = 16_384 as const
export const LARGE = 65_536 as const
export type Limit = typeof SMALL | typeof LARGE

const MAX_DEPTH = 32
/** Strings, commas and brackets of a JSON text. What `wx` gives has some 100. */
const MAX_TOKENS = 1000
/** Fields of a form or a query. */
const MAX_FIELDS = 100

const UTF8: 'any' | readonly string[] = ['', 'utf-8', 'utf8']
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/
const FORM_TYPE = 'application/x-www-form-urlencoded'

/** A body as text, with the media type it was sent as (lower case, '' when there is none). */
export interface TextBody {
  readonly text: string
  readonly type: string
}

/**
 * Reads the whole body as strict UTF-8; with `any`, whatever charset it claims to have. Fails with `body_too_large`,
 * with `unsupported_media_type` for compressed or otherwise encoded bodies, and with `invalid_request` for bad UTF-8 or
 * an upload that stopped half-way.
 */
export async function readText(asked: Asked, limit: Limit, charsets = UTF8): Promise<TextBody> {
  const { type, charset } = asked.contentType
  const encoding = header(asked, 'content-encoding').toLowerCase()
  if (encoding !== '' && encoding !== 'identity') throw unsupported(texts.encoding)
  if (charsets !== 'any' && !charsets.includes(charset.toLowerCase())) throw unsupported(texts.charset)

  const bytes = await asked.readBody(limit)
  if (!isUtf8(bytes)) throw invalid(texts.utf8)
  const text = bytes.toString('utf8')
  // A byte order mark is no part of the text (WHATWG Encoding, section 6).
  return { text: text.startsWith('\ufeff') ? text.slice(1) : text, type: type.toLowerCase() }
}

/** Looks at a body while it arrives. `giveUp` is called at most once, when it is not to be waited for any longer. */
export type BodyWatch = (giveUp: (error: R3SessionError) => void) => {
  readonly arrived: (piece: Buffer) => void
  /** It is here, or will never be. */
  readonly end: () => void
}

/**
 * A body is given up when its pieces are next to nothing, since each costs what a whole request costs, and when too
 * many others arrive. Node would look at all that is still to come: so the connection ends with the answer.
 */
export function watchBody(
  admission: Admission,
  lane: Lane,
  answerHeaders: Asked['answerHeaders'],
): BodyWatch {
  return (giveUp) => {
    const isFine = pieceCount()
    const leave = (error: R3SessionError) => {
      answerHeaders['Connection'] = 'close'
      giveUp(error)
    }
    const { grew, end } = admission.upload(lane, leave)
    function arrived(piece: Buffer): void {
      if (isFine(piece)) grew(piece.length)
      else {
        end()
        leave(incomplete())
      }
    }
    return { arrived, end }
  }
}

/** An upload that stopped half-way, or that nobody waits for any longer. */
export const incomplete = () => invalid(texts.incomplete)

/** What can be wrong with any body. */
export const bodyErrors = ['invalid_request', 'body_too_large', 'unsupported_media_type'] as const

/**
 * A JSON object of this form. No body at all reads as `{}`, so that the answer can name the field that is missing.
 */
export function json<T>(schema: z.ZodType<T>, limit: Limit): Body<T> {
  return fieldsOf(schema, limit, [])
}

/** Likewise, or a form (what RFC 7662 clients send). */
export function jsonOrForm<T>(schema: z.ZodType<T>, limit: Limit): Body<T> {
  return fieldsOf(schema, limit, [FORM_TYPE])
}

function fieldsOf<T>(schema: z.ZodType<T>, limit: Limit, otherTypes: readonly string[]): Body<T> {
  return {
    schema,
    limit,
    types: ['application/json', ...otherTypes],
    errors: bodyErrors,
    async read(asked) {
      const { text, type } = await readText(asked, limit)
      if (otherTypes.includes(type)) return check(schema, parseForm(text))
      if (text !== '' && !JSON_TYPE.test(type)) throw unsupported(texts.json)
      return check(schema, text === '' ? {} : parseObject(text))
    },
  }
}

/** The fields of the query string. */
export function query<T>(schema: z.ZodObject & z.ZodType<T>): Query<T> {
  return {
    schema,
    errors: ['invalid_request'],
    read: (asked) => check(schema, parseForm(asked.querystring)),
  }
}

/** The JSON object in a text, or `invalid_request`. */
export function parseObject(text: string): Record<string, unknown> {
  const excess = overgrown(text, { maxDepth: MAX_DEPTH, maxTokens: MAX_TOKENS })
  if (excess !== undefined) throw invalid(texts[excess])
  const value = parseJson(text)
  if (!isObject(value)) throw invalid(texts.noObject)
  return value
}

/** Any JSON value, or `invalid_request`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid(texts.noJson)
  }
}

/** The fields of a form or a query string, or `invalid_request` where there are too many. No schema takes a list. */
export function parseForm(text: string): Record<string, unknown> {
  const fields = formFields(text, MAX_FIELDS)
  if (fields === undefined) throw invalid(texts.many)
  return fields
}

export function isForm(type: string): boolean {
  return type === FORM_TYPE
}

/**
 * The value as the schema describes it, or `invalid_request` with a detail that names the first wrong field; where the
 * check that failed brings a `detail` of its own among its `params`, with that.
 */
export function check<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const own = issue?.code === 'custom' ? issue.params?.['detail'] : undefined
  if (own !== undefined) throw invalid(own as Text)
  const field = String(issue?.path[0] ?? '')
  const given = isObject(value) && value[field] !== undefined
  throw invalid(given ? texts.wrongField(field) : texts.missingField(field))
}

export function invalid(detail: Text): R3SessionError {
  return new ExplainedError('invalid_request', detail)
}

function unsupported(detail: Text): R3SessionError {
  return new ExplainedError('unsupported_media_type', detail)
}

const texts = {
  encoding: { en: 'Send the body without Content-Encoding.', zh: '请勿使用 Content-Encoding 压缩请求体。' },
  charset: { en: 'Send the body as UTF-8.', zh: '请求体须为 UTF-8 编码。' },
  json: {
    en: 'Send JSON with Content-Type: application/json.',
    zh: '请以 Content-Type: application/json 发送 JSON。',
  },
  incomplete: { en: 'The body ended early.', zh: '请求体不完整。' },
  utf8: { en: 'The body is not valid UTF-8.', zh: '请求体不是合法的 UTF-8。' },
  noJson: { en: 'The body is not valid JSON.', zh: '请求体不是合法的 JSON。' },
  noObject: { en: 'The body must be a JSON object.', zh: '请求体必须是 JSON 对象。' },
  deep: { en: `The body nests deeper than ${MAX_DEPTH} levels.`, zh: `请求体嵌套超过 ${MAX_DEPTH} 层。` },
  many: { en: 'There are far too many fields.', zh: '字段数量过多。' },
  missingField: (field: string) => ({ en: `The field ${field} is missing.`, zh: `缺少字段 ${field}。` }),
  wrongField: (field: string) => ({
    en: `The field ${field} is not of the right form.`,
    zh: `字段 ${field} 格式不正确。`,
  }),
}
