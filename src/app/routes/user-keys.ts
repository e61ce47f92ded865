/** The routes for a team's other services that need a user's session_key, which stays here. */
import * as z from 'zod'
import { encryptKeysErrors, type GetEncryptKeys } from '../../domain/keys/encrypt-keys.js'
import { type Sign, signErrors } from '../../domain/keys/sign.js'
import type { Text } from '../config/language.js'
import { json, query, SMALL } from '../http/body.js'
import { pathParams } from '../http/fields.js'
import { type Credentials, type Route, route } from '../http/route.js'
import type { AppChoice } from './app-choice.js'
import { appQuery, createdAt, expiresIn, openid, text, userParams, whichApp } from './schemas.js'

const noData: Text = {
  en: 'The field data must not be empty. The signature of nothing is for the calls to WeChat that check and replace the session_key, which this service makes itself.',
  zh: '字段 data 不能为空。对空内容的签名只用于校验和更换 session_key 的微信接口，由本服务自己调用。',
}
const halfCharacter: Text = {
  en: 'The field data has half of a surrogate pair: there are no bytes that it stands for.',
  zh: '字段 data 含有不成对的代理字符，没有对应的字节。',
}
const signBody = z
  .object({
    openid,
    data: z
      .string()
      .refine((text) => text !== '', { abort: true, params: { detail: noData } })
      .refine((text) => !/\p{Surrogate}/u.test(text), { params: { detail: halfCharacter } })
      .meta({
        description: 'What is to be signed: the very text that goes to WeChat, byte by byte',
        examples: ['{"openid": "oSYNTHETIC_00000000000000001", "user_ip": "127.0.0.1", "env": 0}'],
        minLength: 1,
      }),
    appid: whichApp,
  })
  .meta({ id: 'SignBody' })
const signReply = z
  .object({
    signature: text(
      'hex(HMAC-SHA256(session_key, data)), 64 digits',
      '089d9e8dc5d308977360c4b79ec600a93d736802802a807d634192328032f6c7',
    ),
  })
  .meta({ id: 'SignReply' })
const encryptKeysReply = z
  .object({
    keys: z.array(
      z.object({
        encryptKey: text('base64 of the 16 bytes of an AES key', 'VI6BpyrK9XH4i4AIGe86tg=='),
        iv: text('16 characters to be used as they stand; no base64', '6003f73ec441c386'),
        version: z
          .int()
          .meta({ description: 'Which key: the mini program knows it by that', examples: [10] }),
        expiresIn: expiresIn.meta({ description: 'Seconds it still lives', examples: [3597] }),
        createdAt: createdAt.describe('When WeChat made it'),
      }),
    ),
  })
  .meta({ id: 'EncryptKeysReply' })

export interface UserKeyUseCases {
  readonly sign: Sign
  readonly encryptKeys: GetEncryptKeys
  readonly chooseApp: AppChoice
}

/** @param credentials a service key */
export function userKeyRoutes(
  { sign, encryptKeys, chooseApp }: UserKeyUseCases,
  credentials: Credentials<string>,
): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/sign',
      lane: 'other',
      summary:
        "WeChat's user-state signature, made with the session_key: virtual payment, VoIP, mini-game storage",
      description: `Signs the exact bytes of data, with the user's newest session_key. Where WeChat is known to have \
replaced that one, key_replaced: have the user log in again, and sign anew.`,
      credentials,
      body: json(signBody, SMALL),
      success: { status: 200, means: 'The signature', schema: signReply },
      errors: signErrors,
      handle: async ({ who, body: { openid, data, appid }, requestId }) => {
        const user = { appid: chooseApp(appid), openid }
        return { body: { signature: await sign(user, data, { requestId, serviceKey: who }) } }
      },
    }),
    route({
      method: 'GET',
      path: '/v1/users/{openid}/encrypt-keys',
      lane: 'wechat',
      summary: 'The keys with which the mini program encrypts (wx.getUserCryptoManager)',
      credentials,
      params: pathParams(userParams),
      query: query(appQuery),
      success: { status: 200, means: 'The latest keys, as WeChat lists them', schema: encryptKeysReply },
      errors: encryptKeysErrors,
      handle: async ({ who, query, params: { openid }, requestId }) => {
        const user = { appid: chooseApp(query.appid), openid }
        const keys = await encryptKeys(user, { requestId, serviceKey: who })
        const listed = keys.map((key) => ({ ...key, createdAt: new Date(key.createdAt).toISOString() }))
        return { body: { keys: listed } }
      },
    }),
  ]
}
