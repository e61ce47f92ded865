import { expect } from 'chai'
import type { SessionRepository } from '#src/domain/ports.js'
import { createUserSessions } from '#src/domain/user-sessions.js'
import { createFakeStore } from '../../support/store/fake-store.js'
import { ann, loginOf, start } from '../../support/store/logins.js'

const HOUR = 3_600_000

function setUp(overrides: Partial<SessionRepository> = {}) {
  const { sessions } = createFakeStore()
  const userSessions = createUserSessions({
    sessions: { ...sessions, ...overrides },
    clock: () => start + 2,
    report: () => {},
  })
  return { sessions, userSessions }
}

describe("a user's sessions", () => {
  it('are told of as they are, the latest first', async () => {
    const { sessions, userSessions } = setUp()
    const logins = [loginOf(1), loginOf(2)]
    for (const login of logins) await sessions.save(login)
    expect(await userSessions.list(ann)).to.deep.equal(logins.map(({ session }) => session).reverse())
  })

  it('are not told of from the instant they end, whatever the store still has', async () => {
    const [over, live] = [
      loginOf(0, ann, { expiresAt: start + 2 }),
      loginOf(1, ann, { expiresAt: start + 3 }),
    ]
    const { userSessions } = setUp({ list: async () => [live.session, over.session] })
    expect(await userSessions.list(ann)).to.deep.equal([live.session])
  })

  it('end together with logins that began up to an hour before', async () => {
    const endings: unknown[] = []
    const end = async (...args: unknown[]) => endings.push(args)
    const { userSessions } = setUp({ endAll: end, forget: end })
    await userSessions.endAll(ann)
    await userSessions.forget(ann)
    const when = { now: start + 2, rememberUntil: start + 2 + HOUR }
    expect(endings).to.deep.equal([
      [ann, when],
      [ann, when],
    ])
  })
})
