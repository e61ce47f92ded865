/** Answers that are none: all on one service, one after the other, so that each has to leave it as it was. */
import {
  answer,
  type Behaviour,
  drip,
  hang,
  json,
  keptAnswer,
  padded,
  raw,
  reset,
} from '../../../support/wechat/faulty-server.js'
import type { Fault } from '../fault.js'
import { answerTo, healthy } from '../stage/stub.js'

/** What WeChat does to the next calls; the last one stays. */
export interface BadAnswer {
  readonly name: string
  readonly made: string
  readonly meets: readonly Behaviour[]
  readonly asked: string
  /** How many log in, one after the other: 1 where it is not said. */
  readonly logins?: number
  /** How many calls WeChat sees: one a login where it is not said. */
  readonly calls?: number
}

const page = '<html><body>502 Bad Gateway</body></html>'
const head = (length: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`
const unusable = '502 wechat_invalid_response'

export const badAnswers: readonly BadAnswer[] = [
  {
    name: 'hang',
    made: 'the request is taken and never answered',
    meets: [hang()],
    asked: '504 wechat_timeout',
  },
  {
    name: 'reset before the answer',
    made: 'TCP reset once the request is there',
    meets: [reset()],
    asked: unusable,
  },
  {
    name: 'reset after the headers',
    made: 'TCP reset in the middle of the JSON',
    meets: [reset(`${head(100)}{"openid":`)],
    asked: unusable,
  },
  {
    name: 'drip',
    made: 'headers at once, then a space every 5 ms, without end',
    meets: [drip(head(1_000_000), ' ')],
    asked: '504 wechat_timeout',
  },
  {
    name: '200 MB',
    made: 'a success with 200 MB of spaces behind it',
    meets: [(socket, ...request) => padded(answerTo(request[0]), 200_000_000)(socket, ...request)],
    asked: unusable,
  },
  { name: '5xx', made: 'HTTP 502 with a page of HTML', meets: [answer(page, 502)], asked: unusable },
  {
    name: 'redirect',
    made: 'HTTP 302 to the same path',
    meets: [answer('', 302, 'Location: /sns/jscode2session?again=1')],
    asked: unusable,
  },
  { name: 'HTML', made: 'HTTP 200 with a page of HTML', meets: [answer(page)], asked: unusable },
  { name: 'broken JSON', made: 'half an object', meets: [answer('{"openid":"o-x",')], asked: unusable },
  {
    name: 'no openid',
    made: 'a success without an openid',
    meets: [json({ session_key: 'x'.repeat(22).concat('==') })],
    asked: unusable,
  },
  {
    name: 'no session_key',
    made: 'a success without a session_key',
    meets: [json({ openid: 'o-x' })],
    asked: unusable,
  },
  {
    name: 'no HTTP',
    made: 'the greeting of a mail server',
    meets: [raw('220 mail.example ESMTP\r\n')],
    asked: unusable,
  },
  {
    name: 'a kept connection has died',
    made: 'WeChat ends the connection of the call before with a reset, as the next one goes out on it',
    meets: [(socket, request) => socket.write(keptAnswer(answerTo(request))), reset(), healthy],
    asked: '201',
    logins: 2,
    calls: 3,
  },
]

export const faultOf = ({ name, made, asked, logins = 1, calls = logins }: BadAnswer): Fault => ({
  group: 'WeChat',
  name,
  made,
  expected: { asked, calls, sessions: '200', lost: 0, recovered: 'by itself', taken: 'little' },
})
