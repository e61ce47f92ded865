import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import * as z from 'zod'
import { createPseudonyms } from '#src/adapters/crypto/pseudonyms.js'
import { auditLine, deeds } from '#src/app/log/audit.js'
import type { DomainEvent } from '#src/domain/events.js'

const secret = '0123456789abcdef0123456789abcdef'
const pseudonym = createPseudonyms([secret])
const user = { appid: 'wx0000000000000001', openid: 'oSYNTHETIC_00000000000000001' }
const by = { requestId: '0'.repeat(32), serviceKey: 'billing' }

const name = z.string().regex(/^[0-9a-f]{32}$/)
const common = { appid: z.literal(user.appid) }
const ofUser = { ...common, user: name }
const byService = { requestId: z.literal(by.requestId), serviceKey: z.literal(by.serviceKey) }
const line = (did: string, fields: z.core.$ZodLooseShape) =>
  z.strictObject({ did: z.literal(did), ...fields })

/** Each event that has a line, and the form of that line to the letter. */
const audited: [DomainEvent, z.ZodType][] = [
  [{ type: 'login', user, sessionId: 'ab'.repeat(16) }, line('log in', { ...ofUser, session: name })],
  [
    { type: 'sessions_ended', user, reason: 'logout', count: 1 },
    line('log out', { ...ofUser, count: z.literal(1) }),
  ],
  [
    { type: 'sessions_ended', user, reason: 'made_room', count: 2 },
    line('make room', { ...ofUser, count: z.literal(2) }),
  ],
  [
    { type: 'sessions_ended', user, reason: 'ended', count: 0, by },
    line('end session', { ...ofUser, ...byService, count: z.literal(0) }),
  ],
  [
    { type: 'sessions_ended', user, reason: 'all_ended', count: 3, by },
    line('end sessions', { ...ofUser, ...byService, count: z.literal(3) }),
  ],
  [
    { type: 'sessions_ended', user, reason: 'forgotten', count: 0, by },
    line('forget user', { ...ofUser, ...byService, count: z.literal(0) }),
  ],
  [{ type: 'key_replaced', user, by: 'reset' }, line('replace session_key', ofUser)],
  [{ type: 'key_replaced', user, by: 'check' }, line('drop session_key', ofUser)],
  [{ type: 'decryption', user, key: 'none' }, line('refuse sealed data', ofUser)],
  [{ type: 'phone_number', user }, line('get phone number', ofUser)],
  [
    { type: 'access_token_vended', appid: user.appid, by },
    line('get access_token', { ...common, ...byService }),
  ],
  [{ type: 'signed', user, by }, line('sign with session_key', { ...ofUser, ...byService })],
  [{ type: 'encrypt_keys', user, by }, line('get encryption keys', { ...ofUser, ...byService })],
]

const silent: DomainEvent[] = [
  { type: 'login_failed', appid: user.appid, code: 'code_invalid' },
  { type: 'attempt_repeated', appid: user.appid },
  { type: 'decryption', user, key: 'newest' },
  { type: 'decryption', user, key: 'older' },
  { type: 'access_token_fetched', appid: user.appid },
  { type: 'phone_failed', appid: user.appid, error: undefined, by },
  { type: 'wechat_circuit', state: 'open' },
  { type: 'failure', of: 'giving up an attempt', error: undefined },
]

describe('an audit line', () => {
  for (const [event, schema] of audited) {
    const written = auditLine(event, pseudonym)
    it(`of "${written?.did}" has its fields, and no others`, () => {
      expect(schema.parse(written)).to.deep.equal(written)
      expect(JSON.stringify(written)).not.to.include(user.openid)
    })
  }

  it('is written of every deed that there is, and of nothing else', () => {
    expect(audited.map(([event]) => auditLine(event, pseudonym)?.did)).to.deep.equal([...deeds])
    for (const event of silent) expect(auditLine(event, pseudonym), event.type).to.equal(undefined)
  })

  for (const page of ['docs/operating.md', 'docs/operating.zh-CN.md']) {
    it(`has its deeds in ${page}`, () => {
      const table = readFileSync(page, 'utf8').split('| `did` | ').at(-1)?.split('\n\n')[0] ?? ''
      expect([...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, did]) => did)).to.deep.equal([...deeds])
    })
  }
})

describe('a pseudonym', () => {
  it('is what OpenSSL makes of the secret and the id, by the command in docs/operating.md', () => {
    expect(pseudonym('user', 'wx1', 'o1')).to.equal('f5d8d36630812888f8e1512af524b8ae')
  })

  it('is the same for one id everywhere on a secret, and another for another id or secret', () => {
    const others = [
      pseudonym('user', 'wx1', 'o2'),
      pseudonym('user', 'wx2', 'o1'),
      pseudonym('user', 'wx1o', '1'),
      pseudonym('session', 'wx1', 'o1'),
      createPseudonyms(['another secret of sufficient length'])('user', 'wx1', 'o1'),
    ]
    expect(createPseudonyms([secret, 'an older one'])('user', 'wx1', 'o1')).to.equal(
      pseudonym('user', 'wx1', 'o1'),
    )
    expect(new Set([...others, pseudonym('user', 'wx1', 'o1')])).to.have.property('size', 6)
  })

  it('is not made without a secret', () => {
    expect(() => createPseudonyms([])).to.throw(TypeError, 'need a secret')
  })
})
