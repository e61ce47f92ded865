import { inspect } from 'node:util'
import { expect } from 'chai'
import { R3SessionError } from '#src/domain/errors.js'
import type { Repositories } from '#src/domain/ports.js'
import { ann, claimAt, endingAt, loginOf, start, tokenOf } from '../support/store/logins.js'
import { describeEachStore } from './stores.js'

const attempt = { appid: 'wx-one', code: 'the-login-code', key: 'the-idempotency-key' }
const accessToken = { accessToken: 'the-access-token', expiresAt: start, refreshAt: start }
const number = { phoneNumber: '13800000000', purePhoneNumber: '13800000000', countryCode: '86' }
const token = tokenOf(0xabc)
const secrets = [
  token,
  tokenOf(0xabd),
  ...Object.values(attempt).slice(1),
  'the-access-token',
  'the-session-key',
  'the-client-address',
  '13800000000',
]

/** Every method there is, called with secrets in every place where one can stand. */
const calls: { [Port in keyof Repositories]: Record<keyof Repositories[Port], Call> } = {
  sessions: {
    save: ({ sessions }) => sessions.save(loginOf(0xabd, ann, { attempt, sessionKey: 'the-session-key' })),
    epoch: ({ sessions }) => sessions.epoch(),
    find: ({ sessions }) => sessions.find(token),
    touch: ({ sessions }) => sessions.touch(token, loginOf(0xabc).session),
    delete: ({ sessions }) => sessions.delete(token),
    list: ({ sessions }) => sessions.list(ann, start),
    endOne: ({ sessions }) => sessions.endOne(ann, 'id'),
    endAll: ({ sessions }) => sessions.endAll(ann, endingAt(start)),
    forget: ({ sessions }) => sessions.forget(ann, endingAt(start)),
    ready: ({ sessions }) => sessions.ready(),
  },
  keyRings: {
    keys: ({ keyRings }) => keyRings.keys(ann),
    change: ({ keyRings }) =>
      keyRings.change(ann, (ring) => [...ring, { key: 'the-session-key', at: start }]),
  },
  loginAttempts: {
    claim: ({ loginAttempts }) => loginAttempts.claim(attempt, claimAt(start)),
    finish: ({ loginAttempts }) => loginAttempts.finish(attempt, ann, { r3session: token, expiresAt: start }),
    abandon: ({ loginAttempts }) => loginAttempts.abandon(attempt),
  },
  phoneAttempts: {
    claim: ({ phoneAttempts }) => phoneAttempts.claim(attempt, claimAt(start)),
    finish: ({ phoneAttempts }) => phoneAttempts.finish(attempt, ann, number),
    abandon: ({ phoneAttempts }) => phoneAttempts.abandon(attempt),
  },
  tokens: {
    read: ({ tokens }) => tokens.read(ann.appid),
    claim: ({ tokens }) => tokens.claim(ann.appid, start, start + 10),
    write: ({ tokens }) => tokens.write(ann.appid, accessToken),
    release: ({ tokens }) => tokens.release(ann.appid),
  },
  counters: {
    counter: async ({ counters }) => {
      const counter = await counters.counter('the-client-address', { window: 1000, isExact: true })
      await counter.add(start)
    },
  },
}
type Call = (store: Repositories) => Promise<unknown>

const named = Object.entries(calls).flatMap(([port, methods]) =>
  Object.entries<Call>(methods).map(([method, call]) => [`${port}.${method}`, call] as const),
)

describeEachStore('a store', (current) => {
  it('fails with storage_unavailable, and names no secret, when it is out of reach', async () => {
    await current().here.sessions.save(loginOf(0xabc))
    await current().breakDown()
    for (const [name, call] of named) {
      const error = await call(current().here).then(
        () => undefined,
        (reason) => reason,
      )
      expect(error, name).to.be.instanceOf(R3SessionError).and.include({ code: 'storage_unavailable' })
      const said = inspect(error, { depth: 9 })
      for (const secret of [...secrets, 'o-ann']) expect(said, name).not.to.include(secret)
    }
  })

  it('is given nothing but hashes and sealed texts of what must not lie in it in the clear', async () => {
    const reached: unknown[] = []
    const store = current().over(
      new Proxy(current().raw, {
        get:
          (raw, name) =>
          (...args: unknown[]) => {
            reached.push(args)
            return Reflect.get(raw, name)(...args)
          },
      }),
    )
    for (const [name, call] of named) {
      reached.length = 0
      await call(store)
      expect(reached, `${name} reaches the raw store`).not.to.have.length(0)
      const bytes = inspect(reached, { depth: 9, maxStringLength: null, maxArrayLength: null })
      for (const secret of secrets) {
        expect(bytes, name).not.to.include(secret)
        expect(bytes, name).not.to.include(Buffer.from(secret).toString('base64').replace(/=+$/, ''))
        expect(bytes, name).not.to.include(Buffer.from(secret).toString('hex'))
      }
    }
    expect(await store.sessions.find(token)).to.equal(undefined)
  })
})
