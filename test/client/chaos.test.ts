import { type Client, R3SessionError } from '@r3session/client'
import { expect } from 'chai'
import fc from 'fast-check'
import { createFakePhone, noSession, problem, type Reply } from '../support/page/fake-phone.js'

const sealed = { encryptedData: 'c2VhbGVk', iv: 'aXY=' }
const calls: Record<string, (client: Client) => Promise<unknown>> = {
  login: (client) => client.login(),
  request: (client) => client.request({ url: '/x' }),
  session: (client) => client.session(),
  decrypt: (client) => client.decrypt(sealed),
  phoneNumber: (client) => client.phoneNumber('phone-code'),
  logout: (client) => client.logout(),
}

const replies: Record<string, Reply | undefined> = {
  well: undefined,
  lost: { fail: { errMsg: 'request:fail' } },
  noSession,
  briefly: problem(503, 'overloaded', 'retry', { 'Retry-After': '1' }),
  long: problem(429, 'wechat_rate_limited', 'retry', { 'Retry-After': '60' }),
  used: problem(400, 'code_used', 'relogin'),
  stale: problem(422, 'decrypt_failed', 'relogin'),
  html: { statusCode: 502, data: '<html>' },
  nonsense: { statusCode: 200, data: 'hello' },
}

const routes = [
  'POST /v1/login',
  'GET /v1/session',
  'GET /x',
  'POST /v1/decrypt',
  'POST /v1/phone-number',
  'DELETE /v1/session',
]

const step = fc.record({
  client: fc.nat(1),
  call: fc.constantFrom(...Object.keys(calls)),
  /** Milliseconds until the next step; about half of the steps begin together. */
  pause: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 20_000 })),
  /** Whether all sessions end before this step. */
  ends: fc.boolean(),
})
const bad = fc.tuple(fc.constantFrom(...routes), fc.constantFrom(...Object.keys(replies)))
const storages = fc.constantFrom('well', 'old', 'no-encryption', 'failing', 'throwing', 'silent' as const)

describe('the client with random calls and random answers', () => {
  it('the client settles every call, rejects only with R3SessionError, and calls wx.login within WeChat’s limits', async () => {
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 25 }),
      fc.array(bad, { maxLength: 25 }),
      storages,
      fc.boolean(),
      async (steps, faults, storageIs, synchronous) => {
        const phone = createFakePhone()
        phone.storageIs = storageIs as 'well'
        phone.synchronous = synchronous
        for (const [route, reply] of faults) phone.script(route, replies[reply])
        // Two clients on one phone share its storage.
        const clients = [phone.client(), phone.client()] as const
        const outcomes: Promise<unknown>[] = []
        for (const { client, call, pause, ends } of steps) {
          if (ends) phone.live.clear()
          const started = calls[call]?.(clients[client === 0 ? 0 : 1])
          outcomes.push(Promise.resolve(started).catch((error: unknown) => error))
          if (pause > 0) await phone.time.pass(pause)
        }
        const settled = await phone.time.settle(Promise.all(outcomes))
        for (const outcome of settled)
          if (outcome instanceof Error) expect(outcome).to.be.instanceOf(R3SessionError)
        // A login uses at most two codes, and every call causes at most one login.
        expect(phone.logins.length).to.be.at.most(2 * steps.length)
        // At most four calls per second for each of the two clients.
        for (const [index, at] of phone.loginTimes.entries())
          expect(at - (phone.loginTimes[index - 8] ?? -1000)).to.be.at.least(1000)

        // When all failures are over, both clients work.
        phone.heal()
        await phone.time.pass(3_600_000)
        for (const client of clients) await phone.time.settle(client.request({ url: '/y' }))
      },
    )
    await fc.assert(property, { numRuns: 200 })
  }).timeout(60_000)
})
