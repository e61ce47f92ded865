/**
 * The two routes of the 2017 tutorial "本地数据存储", whose client still runs in mini programs. `wx.request` sends a
 * bare code as `application/json`, and without a method it puts everything in the query.
 */
import * as z from 'zod'
import { type Decrypt, decryptErrors, type SealedData } from '../../domain/decrypt.js'
import { R3SessionError } from '../../domain/errors.js'
import { type Login, loginErrors } from '../../domain/login.js'
import {
  bodyErrors,
  check,
  isForm,
  LARGE,
  parseForm,
  parseJson,
  parseObject,
  readText,
  SMALL,
  type TextBody,
} from '../http/body.js'
import { type Body, type Route, route } from '../http/route.js'
import { type AddressLimits, limitErrors } from '../limits/address-limits.js'
import type { AppChoice } from './app-choice.js'
import { loginHints } from './mini-program.js'
import { loginBody, loginReply, openData, sealedBody } from './schemas.js'

const anyType = ['application/json', 'application/x-www-form-urlencoded', 'text/plain']

/** The tutorial's routes, for the default app. */
export function tutorialRoutes({
  login,
  decrypt,
  chooseApp,
  addressLimits,
}: {
  login: Login
  decrypt: Decrypt
  chooseApp: AppChoice
  addressLimits: AddressLimits
}): Route[] {
  return [
    ...onGetAndPost('/user/getuserinfo', (method) =>
      route({
        ...method,
        lane: 'login',
        summary: 'Log in as the 2017 tutorial does: the code in any shape, the bare r3session back',
        body: tutorialCode,
        limit: { errors: limitErrors, read: (asked) => addressLimits.countLogin(asked) },
        success: { status: 200, means: 'The r3session and nothing else', schema: loginReply.shape.r3session },
        errors: loginErrors,
        hints: loginHints,
        handle: async ({ body: code }) => ({
          body: (await login({ appid: chooseApp(undefined), code })).r3session,
        }),
      }),
    ),
    ...onGetAndPost('/user/getuserunionid', (method) =>
      route({
        ...method,
        lane: 'decrypt',
        ...(method.method === 'GET' && { hasLongQuery: true as const }),
        summary: 'Decrypt as the 2017 tutorial does: the token beside the sealed data',
        body: tutorialSealed,
        success: { status: 200, means: 'The decrypted JSON object itself', schema: openData },
        errors: decryptErrors,
        handle: async ({ body: { token, sealed } }) => ({ body: await decrypt(token, sealed) }),
      }),
    ),
  ]
}

type Method = Pick<Route, 'path' | 'method' | 'changes'>

function onGetAndPost(path: string, make: (method: Method) => Route): Route[] {
  return [make({ method: 'GET', path, changes: true }), make({ method: 'POST', path })]
}

/** The login code in all the shapes that clients send it; the query counts when there is no body. */
const tutorialCode: Body<string> = {
  schema: loginBody.pick({ code: true }),
  limit: SMALL,
  types: anyType,
  errors: bodyErrors,
  async read(asked) {
    const body = await readText(asked, SMALL, 'any')
    const text = body.text.trim()
    return check(loginBody, text === '' ? parseForm(asked.querystring) : codeFields({ ...body, text })).code
  },
}

/** Exported for its property test. */
export function codeFields({ text, type }: TextBody): Record<string, unknown> {
  if (text.startsWith('{')) return parseObject(text)
  if (text.startsWith('"')) return { code: parseJson(text) }
  if (/(^|&)code=/.test(text)) return parseForm(text)
  // A bare code under a form's content type may have become a field name without a value.
  return { code: isForm(type) ? text.replace(/=$/, '') : text }
}

const sealedWithToken = sealedBody.extend({ r3session: z.string() })

/** The token and the sealed data, from a JSON or form body or from the query. */
const tutorialSealed: Body<{ token: string; sealed: SealedData }> = {
  schema: sealedWithToken,
  limit: LARGE,
  types: anyType,
  errors: [...bodyErrors, 'unauthorized'],
  async read(asked) {
    const { text } = await readText(asked, LARGE, 'any')
    const fields = text === '' ? parseForm(asked.querystring) : sealedFields(text)
    // `wx.getStorageSync` gives '' for a token that was never stored: that is nobody, not a malformed request.
    if (fields['r3session'] === undefined || fields['r3session'] === '')
      throw new R3SessionError('unauthorized')
    const { r3session, ...sealed } = check(sealedWithToken, fields)
    return { token: r3session, sealed }
  },
}

function sealedFields(text: string): Record<string, unknown> {
  return text.trimStart().startsWith('{') ? parseObject(text) : parseForm(text)
}
