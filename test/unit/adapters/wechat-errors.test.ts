import { expect } from 'chai'
import fc from 'fast-check'
import { type Endpoint, errcodeError } from '#src/adapters/wechat/errcodes.js'
import { type ErrorCode, R3SessionError } from '#src/domain/errors.js'
import { StaleAccessToken } from '#src/domain/ports.js'
import { factsIn } from '../../support/wechat/http-exchange.js'

type Meaning = ErrorCode | 'StaleAccessToken'

const everywhere: [Meaning, readonly number[]][] = [
  ['wechat_rate_limited', [45011]],
  ['wechat_busy', [-1]],
  ['wechat_quota', [45009]],
  [
    'wechat_misconfigured',
    [
      40002, 40013, 40125, 40164, 40243, 41002, 41004, 48001, 48004, 50001, 50002, 50004, 50007, 61024, 85107,
      89501, 89502, 89503, 89506, 89507,
    ],
  ],
]
const refusedSecret: [Meaning, readonly number[]] = ['wechat_misconfigured', [40001]]
const staleToken: [Meaning, readonly number[]] = ['StaleAccessToken', [40001, 40014, 41001, 42001]]
const spentCode: [Meaning, readonly number[]][] = [
  ['code_invalid', [40029, 41008, 42003]],
  ['code_used', [40163]],
]

const meanings: Record<Endpoint, [Meaning, readonly number[]][]> = {
  code2Session: [...everywhere, refusedSecret, ...spentCode, ['user_blocked', [40226]]],
  getStableAccessToken: [...everywhere, refusedSecret],
  getPhoneNumber: [...everywhere, staleToken, ...spentCode, ['code_invalid', [40003, 40097]]],
  checkSessionKey: [...everywhere, staleToken],
  resetUserSessionKey: [...everywhere, staleToken],
  getUserEncryptKey: [...everywhere, staleToken],
}

describe('errcodeError', () => {
  for (const endpoint of Object.keys(meanings) as Endpoint[]) {
    for (const [meaning, errcodes] of meanings[endpoint]) {
      for (const errcode of errcodes) {
        it(`takes ${errcode} of ${endpoint} for ${meaning}`, () => {
          const error = errcodeError(endpoint, errcode, undefined)
          expect(meaningOf(error)).to.equal(meaning)
          expect(factsOf(error)).to.equal(`errcode ${errcode}`)
        })
      }
    }

    it(`takes any other number of ${endpoint} for an invalid answer`, () => {
      const known = new Set(meanings[endpoint].flatMap(([, errcodes]) => errcodes))
      const fromElsewhere = Object.values(meanings).flatMap((all) => all.flatMap(([, errcodes]) => errcodes))
      const others = fc
        .oneof(
          fc.integer(),
          fc.double(),
          fc.constantFrom(...fromElsewhere, 43002, 44002, 47001, 87008, 87009, 85106),
        )
        .filter((number) => !known.has(number))
      fc.assert(
        fc.property(others, (number) => {
          expect(meaningOf(errcodeError(endpoint, number, ''))).to.equal('wechat_invalid_response')
        }),
      )
    })
  }

  const causes: [string, number, unknown, string][] = [
    [
      'the request id',
      40125,
      'invalid appsecret, view more at http://t.cn/RAEkdVq, rid: 5f8a9b0c-12345678-9abcdef0',
      'errcode 40125, rid 5f8a9b0c-12345678-9abcdef0',
    ],
    [
      'a request id without a comma before it',
      40029,
      'invalid code rid: 5f8a9b0c-12345678-9abcdef0',
      'errcode 40029, rid 5f8a9b0c-12345678-9abcdef0',
    ],
    [
      'our address',
      40164,
      'invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist, rid: 5f8a9b0c-12345678-9abcdef0',
      'errcode 40164, rid 5f8a9b0c-12345678-9abcdef0, our address 203.0.113.7',
    ],
    [
      'our IPv6 address',
      40164,
      'invalid ip 2001:db8::7, not in whitelist',
      'errcode 40164, our address 2001:db8::7',
    ],
    ['no address that is none', 40164, 'invalid ip 999.0.113.7, not in whitelist', 'errcode 40164'],
    ['no piece of a longer word', 40164, 'invalid ip 203.0.113.7secret', 'errcode 40164'],
    ['no request id of another shape', 40029, 'rid: 5f8a9b0c-12345678-9abcdef0123', 'errcode 40029'],
    ['no request id of another name', 40029, 'grid: 5f8a9b0c-12345678-9abcdef0', 'errcode 40029'],
    ['nothing else', 40029, 'invalid code 0c4na7y, hints: [ req_id: x ]', 'errcode 40029'],
    ['nothing of a text that is none', 40029, { toString: 'rid' }, 'errcode 40029'],
  ]
  for (const [name, errcode, errmsg, expected] of causes) {
    it(`tells the log ${name}`, () => {
      expect(factsOf(errcodeError('code2Session', errcode, errmsg))).to.equal(expected)
    })
  }

  it('tells as much of a stale access_token', () => {
    const error = errcodeError('checkSessionKey', 42001, 'expired rid: 5f8a9b0c-12345678-9abcdef0')
    expect(factsOf(error)).to.equal('errcode 42001, rid 5f8a9b0c-12345678-9abcdef0')
  })
})

function meaningOf(error: Error): Meaning | undefined {
  if (error instanceof StaleAccessToken) return 'StaleAccessToken'
  return error instanceof R3SessionError ? error.code : undefined
}

/** What the log gets to see. */
function factsOf(error: R3SessionError | StaleAccessToken): string {
  return factsIn(error.facts)
}
