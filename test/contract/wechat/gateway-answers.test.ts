import { expect } from 'chai'
import type { ErrorCode } from '#src/domain/errors.js'
import { json, withFaultyServer } from '../../support/wechat/faulty-server.js'
import {
  accessToken,
  causeOf,
  expectNoCanary,
  gatewayTo,
  newKey,
  openid,
  phone,
  phoneCode,
  secret,
} from '../../support/wechat/http-exchange.js'
import { calls, encryptKey, info, keyInfo, token } from '../../support/wechat/wechat-calls.js'
import { failure } from '../wechat-gateway.js'

describe('createHttpWechat', () => {
  const server = withFaultyServer()

  /** One answer of WeChat's to a call: its name, the answer, and what comes of it. */
  function answers(name: keyof typeof calls, accepted: [string, object, unknown][]): void {
    for (const [fact, given, result] of accepted) {
      it(`takes in ${name} ${fact}`, async () => {
        server().meets(json(given))
        expect(await calls[name].ask(gatewayTo(server().url))).to.deep.equal(result)
        expect(server().requests).to.have.length(1)
      })
    }
  }

  /** Answers that promise a success and don't keep it; the log gets to see which field it was. */
  function refuses(name: keyof typeof calls, malformed: [string, object, RegExp][]): void {
    for (const [fact, given, cause] of malformed) {
      it(`refuses in ${name} ${fact}`, async () => {
        server().meets(json(given))
        const error = await failure(calls[name].ask(gatewayTo(server().url)))
        expect(error.code).to.equal('wechat_invalid_response')
        expect(causeOf(error)).to.match(cause)
        expectNoCanary(error)
        expect(server().requests).to.have.length(1)
      })
    }
  }

  const long = 'x'.repeat(1024)
  answers('stableToken', [
    ['errcode 0', { errcode: 0, ...token }, { accessToken, expiresIn: 345 }],
    ['a token of 1024 characters', { ...token, access_token: long }, { accessToken: long, expiresIn: 345 }],
    ['a life in quotes', { ...token, expires_in: '7200' }, { accessToken, expiresIn: 7200 }],
    ['a quoted errcode 0', { errcode: '0', ...token }, { accessToken, expiresIn: 345 }],
    ['a second of life', { ...token, expires_in: 1 }, { accessToken, expiresIn: 1 }],
  ])
  refuses('stableToken', [
    ['a missing token', { expires_in: 7200 }, /access_token$/],
    ['an empty token', { ...token, access_token: '' }, /access_token$/],
    ['a token of 1025 characters', { ...token, access_token: `${long}x` }, /access_token$/],
    ['a line break in a token', { ...token, access_token: 'a\r\nb' }, /access_token$/],
    ['a token that is a number', { ...token, access_token: 1 }, /access_token$/],
    ['a missing life', { access_token: accessToken }, /expires_in$/],
    ['a life of nothing', { ...token, expires_in: 0 }, /expires_in$/],
    ['a life below nothing', { ...token, expires_in: -1 }, /expires_in$/],
    ['half a second', { ...token, expires_in: 0.5 }, /expires_in$/],
    ['nothing in quotes', { ...token, expires_in: '0' }, /expires_in$/],
    ['an empty life', { ...token, expires_in: '' }, /expires_in$/],
    ['a life in other words', { ...token, expires_in: '7200 s' }, /expires_in$/],
    ['a life in a list', { ...token, expires_in: [7200] }, /expires_in$/],
    ['a life without end', { ...token, expires_in: 1e300 }, /expires_in$/],
  ])

  answers('phoneNumber', [
    ['no errcode', { phone_info: info }, phone],
    ['a number for a countryCode', { phone_info: { ...info, countryCode: 852 } }, phone],
    [
      'numbers for numbers',
      {
        errcode: '0',
        phone_info: { phoneNumber: 13500000001, purePhoneNumber: 13500000001, countryCode: 86 },
      },
      { phoneNumber: '13500000001', purePhoneNumber: '13500000001', countryCode: '86' },
    ],
    [
      'a number written for people',
      { phone_info: { ...info, phoneNumber: '+852 9876-5432' } },
      { ...phone, phoneNumber: '+852 9876-5432' },
    ],
    [
      "the countryCode of WeChat's own sample, a number",
      { phone_info: { ...info, countryCode: 852 } },
      phone,
    ],
  ])
  refuses('phoneNumber', [
    ['a success without a number', { errcode: 0, errmsg: 'ok' }, /phone_info$/],
    ['a number in no phone_info', { errcode: 0, ...info }, /phone_info$/],
    ['a phone_info of null', { phone_info: null }, /phone_info$/],
    ['a list of them', { phone_info: [info] }, /phone_info$/],
    ['no phoneNumber', { phone_info: { ...info, phoneNumber: undefined } }, /phoneNumber$/],
    ['an empty phoneNumber', { phone_info: { ...info, phoneNumber: '' } }, /phoneNumber$/],
    ['no purePhoneNumber', { phone_info: { ...info, purePhoneNumber: undefined } }, /purePhoneNumber$/],
    ['a countryCode that is none', { phone_info: { ...info, countryCode: [852] } }, /countryCode$/],
    ['letters for a number', { phone_info: { ...info, phoneNumber: 'unknown' } }, /phoneNumber$/],
    ['two numbers', { phone_info: { ...info, purePhoneNumber: '98765431' } }, /purePhoneNumber$/],
    ['half a countryCode', { phone_info: { ...info, countryCode: 8.6 } }, /countryCode$/],
    ['a countryCode below nothing', { phone_info: { ...info, countryCode: -86 } }, /countryCode$/],
    ['a countryCode that is true', { phone_info: { ...info, countryCode: true } }, /countryCode$/],
    ['a number too large to be exact', { phone_info: { ...info, phoneNumber: 1e21 } }, /phoneNumber$/],
    ['a text that is none', { phone_info: { ...info, phoneNumber: '1\n3' } }, /phoneNumber$/],
  ])

  answers('honoursKey', [
    ['87009 for a no', { errcode: 87009, errmsg: 'invalid signature' }, false],
    ['87007 for a no', { errcode: 87007, errmsg: 'session_key is not existed or expired' }, false],
    ['87009 in quotes for a no', { errcode: '87009' }, false],
    ['0 in quotes for a yes', { errcode: '0' }, true],
  ])
  refuses('honoursKey', [
    ['an answer without errcode, which promises nothing', { errmsg: 'ok' }, /^missing errcode$/],
    ['an empty errcode', { errcode: '' }, /errcode$/],
  ])

  answers('resetKey', [
    ['an answer without openid', { errcode: 0, session_key: newKey }, newKey],
    ['no errcode', { openid, session_key: newKey }, newKey],
    ['87009 for a key that is dead', { errcode: 87009 }, undefined],
    ['87007 for a key that is dead', { errcode: 87007 }, undefined],
    ['87009 in quotes for a key that is dead', { errcode: '87009' }, undefined],
  ])
  refuses('resetKey', [
    ["another user's key", { openid: 'oAnother', session_key: newKey }, /^another user's openid$/],
    ['an openid of null', { openid: null, session_key: newKey }, /^another user's openid$/],
    ['a success without a key', { errcode: 0, openid }, /session_key$/],
    ['a key of 15 bytes', { openid, session_key: 'AQEBAQEBAQEBAQEBAQEB' }, /session_key$/],
    ['a line break after the key', { openid, session_key: `${newKey}\n` }, /session_key$/],
  ])

  const listing = (...key_info_list: unknown[]) => ({ errcode: 0, key_info_list })
  answers('encryptKeys', [
    ['no keys', listing(), []],
    ['no errcode', { key_info_list: [keyInfo] }, [encryptKey]],
    ['several, in the order of WeChat', listing(keyInfo, keyInfo), [encryptKey, encryptKey]],
    ['one that ended long ago', listing({ ...keyInfo, expire_in: -4000 }), [{ ...encryptKey, expiresIn: 0 }]],
    [
      'numbers in quotes',
      listing({ ...keyInfo, version: '10', expire_in: '3597', create_time: '1616572301' }),
      [encryptKey],
    ],
    ['87009 for a key that is dead', { errcode: 87009 }, undefined],
    ['87007 for a key that is dead', { errcode: '87007' }, undefined],
  ])
  refuses('encryptKeys', [
    ['a success without keys', { errcode: 0, errmsg: 'ok' }, /key_info_list$/],
    ['keys that are no list', { key_info_list: keyInfo }, /key_info_list$/],
    ['a key of null', listing(null), /key_info_list$/],
    ['a key of 15 bytes', listing({ ...keyInfo, encrypt_key: 'AQEBAQEBAQEBAQEBAQEB' }), /encrypt_key$/],
    ['an iv with a line break', listing({ ...keyInfo, iv: '6003f73ec441c38\n' }), /iv$/],
    ['no iv', listing({ ...keyInfo, iv: undefined }), /iv$/],
    ['half a version', listing({ ...keyInfo, version: 1.5 }), /version$/],
    ['no end', listing({ ...keyInfo, expire_in: undefined }), /expire_in$/],
    ['an end beyond numbers', listing({ ...keyInfo, expire_in: 1e300 }), /expire_in$/],
    ['a beginning before 1970', listing({ ...keyInfo, create_time: -1 }), /create_time$/],
    ['a beginning in milliseconds', listing({ ...keyInfo, create_time: 1_616_572_301_000 }), /create_time$/],
    ['one good key and a bad one', listing(keyInfo, {}), /encrypt_key$/],
  ])

  const meanings: [ErrorCode, number][] = [
    ['code_invalid', 40029],
    ['code_invalid', 40003],
    ['code_invalid', 40097],
    ['code_used', 40163],
  ]
  for (const [expected, errcode] of meanings) {
    it(`fails in phoneNumber with ${expected} at ${errcode}, and asks no second time`, async () => {
      server().meets(json({ errcode, errmsg: `invalid ${phoneCode}` }))
      const error = await failure(calls.phoneNumber.ask(gatewayTo(server().url)))
      expect(error.code).to.equal(expected)
      expectNoCanary(error)
      expect(server().requests).to.have.length(1)
    })
  }

  it('takes 40001 of stable_token for a wrong secret', async () => {
    server().meets(json({ errcode: 40001, errmsg: secret }))
    expect((await failure(calls.stableToken.ask(gatewayTo(server().url)))).code).to.equal(
      'wechat_misconfigured',
    )
  })
})
