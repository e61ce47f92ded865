/** WeChat's errcodes as code2Session gives them, each with the answer that the contract has for it. */
import { json } from '../../../support/wechat/faulty-server.js'
import { healthy } from '../stage/stub.js'
import type { BadAnswer } from './answers.js'

const says = (errcode: number) => json({ errcode, errmsg: `errcode ${errcode}` })

/** Our own appid, secret or address refused, in all the ways that WeChat has for it. */
const ours = [40001, 40013, 40125, 40164, 40243, 41002, 41004, 48001, 50002, 89503]

export const errcodes: readonly BadAnswer[] = [
  {
    name: 'errcode -1, once',
    made: 'busy at the first call, well at the second',
    meets: [says(-1), healthy],
    asked: '201',
    calls: 2,
  },
  {
    name: 'errcode -1, for longer',
    made: 'busy at every call',
    meets: [says(-1)],
    asked: '503 wechat_busy',
    calls: 2,
  },
  ...Object.entries({
    40029: '400 code_invalid',
    40163: '400 code_used',
    40226: '403 user_blocked',
    45011: '429 wechat_rate_limited',
    45009: '503 wechat_quota',
    99999: '502 wechat_invalid_response',
  }).map(([errcode, asked]) => ({
    name: `errcode ${errcode}`,
    made: `code2Session says ${errcode}`,
    meets: [says(Number(errcode))],
    asked,
  })),
  {
    name: 'errcodes of our own configuration',
    made: `code2Session says ${ours.join(', ')}, one login each`,
    meets: ours.map(says),
    asked: '502 wechat_misconfigured',
    logins: ours.length,
  },
]
