import { createHmac } from 'node:crypto'
import type { SignData } from '../../domain/keys/wechat-keys.js'

/** WeChat's user-state signature; the samples of its pages on VoIP and virtual payment come out (sign-data.test.ts). */
export const signData: SignData = (data, sessionKey) =>
  createHmac('sha256', sessionKey).update(data, 'utf8').digest('hex')
