/** What goes in and out of the routes that are there only where the sandbox runs. */
import { z } from 'zod'
import { codeReply, encryptedData, iv, listedSession, openData, rawData, signature, time } from './schemas.js'

const user = z
  .string()
  .min(1)
  .max(64)
  .meta({ description: 'Any name; the same name is the same user', examples: ['ann'] })
const appid = z.string().meta({ description: 'The mini program', examples: ['wxd3300000000000d3'] })

export const whoBody = z.object({ user: user.optional(), appid: appid.optional() }).meta({ id: 'WhoBody' })
export const userInfoBody = whoBody
  .extend({ profile: openData.describe('A profile as users had one before 2021').optional() })
  .meta({ id: 'UserInfoBody' })

export const userInfoReply = z
  .object({ userInfo: openData, rawData, signature, encryptedData, iv })
  .meta({ id: 'UserInfoReply' })
export const phoneButtonReply = codeReply.extend({ encryptedData, iv }).meta({ id: 'PhoneButtonReply' })
export const sealBody = whoBody
  .extend({
    data: z.union([openData, z.string()]).meta({
      description: 'An object to seal, a watermark added unless it has one or null for none; or a bare text',
      examples: [{ opengid: 'tGSYNTHETIC000000000000000001', chat_type: 3, watermark: null }],
    }),
  })
  .meta({ id: 'SealBody' })
export const sealReply = z.object({ encryptedData, iv }).meta({ id: 'SealReply' })
export const validReply = z
  .object({ valid: z.boolean().meta({ description: 'The user has a live session_key', examples: [true] }) })
  .meta({ id: 'ValidReply' })
export const nothingReply = z.object({}).meta({ id: 'NothingReply', examples: [{}] })

export const faultBody = z.record(z.string(), z.unknown()).meta({
  id: 'FaultBody',
  description: 'A fault as docs/testing.md lists them',
  examples: [{ errcode: -1, path: '/wxa/resetusersessionkey' }],
})

export const callsQuery = z.object({
  after: z
    .string()
    .regex(/^\d{1,15}$/)
    .meta({ description: 'Only calls with a higher number', examples: ['12'] })
    .optional(),
})
export const callsReply = z
  .object({
    calls: z.array(
      z.object({
        number: z.int().meta({ examples: [13] }),
        at: time.meta({ examples: ['2026-03-01T04:00:00.000Z'] }),
        method: z.string().meta({ examples: ['GET'] }),
        path: z.string().meta({ examples: ['/sns/jscode2session'] }),
        query: z.record(z.string(), z.string()).meta({ examples: [{ grant_type: 'authorization_code' }] }),
        body: z.unknown().optional(),
        errcode: z
          .int()
          .meta({ description: 'What WeChat answered, 0 for a success', examples: [0] })
          .optional(),
      }),
    ),
  })
  .meta({ id: 'CallsReply' })

const moment = time.meta({ examples: ['2026-03-01T04:00:00.000Z'] })
const fingerprint = z
  .string()
  .meta({ description: 'Stands for a session_key, which is never shown', examples: ['9f86d081'] })
const exampleSession = {
  id: '7c0d5e1f2a3b4c5d6e7f8091a2b3c4d5',
  createdAt: '2026-03-01T04:00:00.000Z',
  lastSeenAt: '2026-03-01T04:00:00.000Z',
  expiresAt: '2026-03-04T04:00:00.000Z',
  appid: 'wxd3300000000000d3',
  openid: 'oSYNTHETIC_00000000000000001',
}
export const serversViewReply = z
  .object({
    session: listedSession
      .extend({ appid: z.string(), openid: z.string(), unionid: z.string().optional() })
      .nullable()
      .meta({ description: 'The session of the token; null when there is none', examples: [exampleSession] }),
    sessions: z.array(listedSession).meta({ description: 'All live sessions of the user, the latest first' }),
    ring: z.array(z.object({ fingerprint, at: moment, replacedAt: moment.optional() })),
    weixinKey: fingerprint
      .nullable()
      .meta({ description: 'The key that WeChat honours now', examples: ['9f86d081'] }),
  })
  .meta({ id: 'ServersViewReply' })

export const apiReply = z
  .object({
    message: z.string().meta({ description: 'A greeting', examples: ['The back end knows who is calling.'] }),
    headers: z.record(z.string(), z.string()).meta({
      description: 'What the back end got',
      examples: [{ 'X-WX-OPENID': 'oSYNTHETIC_00000000000000001', 'X-WX-SOURCE': 'wx_client' }],
    }),
  })
  .meta({ id: 'ApiReply' })
