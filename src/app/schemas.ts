/** What goes in and out, as the checks of requests and the OpenAPI document both use it. */
import { z } from 'zod'

/** WeChat's codes are opaque, 32 letters and digits in practice. No brackets or quotes: those are a mangled body. */
const code = z.string().regex(/^[\w.~:+/=-]{1,128}$/)

export const loginBody = z.object({ code, appid: z.string().optional() })
export const loginReply = z.object({ r3session: z.string().regex(/^[0-9a-f]{128}$/), expiresIn: z.int() })

export const sessionReply = z.object({
  appid: z.string(),
  openid: z.string(),
  unionid: z.string().optional(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
})

export const sealedBody = z.object({
  encryptedData: z.string(),
  iv: z.string(),
  rawData: z.string().optional(),
  signature: z.string().optional(),
})
export const openData = z.record(z.string(), z.unknown())
export const decryptReply = z.object({ data: openData })

export const statusReply = z.object({ status: z.string() })

export const sandboxBody = z.object({ user: z.string().min(1).max(64).optional() })
export const codeReply = z.object({ code: z.string() })
export const userInfoReply = z.object({
  userInfo: openData,
  rawData: z.string(),
  signature: z.string(),
  encryptedData: z.string(),
  iv: z.string(),
})
