import { join } from 'node:path'
import { expect } from 'chai'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import { temporaryFolder } from '../../support/service/spawn-service.js'
import { callsOf } from '../../support/service/strace.js'
import { codeOf, loginOf, start, tokenOf } from '../../support/store/logins.js'
import { openSqliteStore } from '../../support/store/open-sqlite-store.js'
import { commitsIn } from '../../support/store/wal.js'

describe('writes of a SQLite store', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let path: string
  let store: ReturnType<typeof openSqliteStore>
  const open = () => openSqliteStore({ path, clock: () => start, touchWindow: 60_000 })
  beforeEach(() => {
    folder = temporaryFolder()
    path = join(folder.path, 'sessions.db')
    store = open()
  })
  afterEach(async () => {
    await store.close()
    folder.remove()
  })

  const user = (n: number) => ({ appid: 'wx', openid: `o-${n}` })
  const all = (count: number) => Array.from({ length: count }, (_, n) => n)
  const used = (n: number) => ({
    ...loginOf(n, user(n)).session,
    lastSeenAt: start + 900,
    expiresAt: start + 5000,
  })

  it('that come at once share a commit, and each is confirmed for itself', async () => {
    await store.sessions.save(loginOf(1000))
    const before = commitsIn(path)
    const twice = loginOf(7, user(7), { token: tokenOf(1007), sessionKey: 'other', createdAt: start + 1 })
    const outcomes = await Promise.all(
      [...all(64).map((n) => loginOf(n, user(n))), twice].map((login) => codeOf(store.sessions.save(login))),
    )
    expect(outcomes).to.deep.equal(all(65).map(() => 'resolved'))
    // Two for those that come in one turn, whose rings are read in the one before; one for the ring that was outdated.
    expect(commitsIn(path) - before).to.be.within(1, 5)
    for (const n of all(64))
      expect(await store.sessions.find(tokenOf(n))).to.deep.equal(loginOf(n, user(n)).session)
    expect((await store.keyRings.keys(user(7))).map(({ key }) => key)).to.have.members(['key-1', 'other'])
  })

  it('of touches are gathered, and go along with the next', async () => {
    await Promise.all(all(50).map((n) => store.sessions.save(loginOf(n, user(n)))))
    await store.sessions.touch(tokenOf(0), used(0))
    const before = commitsIn(path)
    const touched = all(50).map((n) => store.sessions.touch(tokenOf(n), used(n)))
    await store.sessions.save(loginOf(1000))
    await Promise.all(touched)
    expect(commitsIn(path) - before).to.equal(1)
    for (const n of all(50)) expect(await store.sessions.find(tokenOf(n))).to.deep.equal(used(n))
  })

  it('bring no session back that was ended before they were written', async () => {
    for (const n of all(2)) await store.sessions.save(loginOf(n, user(n)))
    await store.sessions.touch(tokenOf(1), used(1))
    const touched = store.sessions.touch(tokenOf(0), used(0))
    await store.sessions.delete(tokenOf(0))
    const late = store.sessions.touch(tokenOf(0), used(0))
    await store.sessions.save(loginOf(2, user(2)))
    await Promise.all([touched, late])
    expect(await store.sessions.find(tokenOf(0))).to.equal(undefined)
  })

  it('tell of a session whose record somebody has deleted', async () => {
    for (const n of all(2)) await store.sessions.save(loginOf(n, user(n)))
    const find = (n: number) => store.sessions.find(tokenOf(n), () => true)
    for (const n of all(2)) await find(n)
    const other = openConnection(path)
    other.prepare('DELETE FROM sessions WHERE openid = ?').run(user(0).openid)
    other.close()
    await store.sessions.touch(tokenOf(1), used(1))
    expect(await find(0), 'as long as no use of it is recorded').to.be.an('object')
    const touched = store.sessions.touch(tokenOf(0), used(0))
    await store.sessions.save(loginOf(1000))
    await touched
    expect(await find(0)).to.equal(undefined)
    expect(await find(1)).to.deep.equal(used(1))
  })

  it('keep a session in use from a sweep that comes before they were written', async () => {
    await store.sessions.save(loginOf(0, user(0), { expiresAt: start }))
    await store.sessions.save(loginOf(1, user(1), { expiresAt: start }))
    await store.sessions.touch(tokenOf(0), used(0))
    const touched = store.sessions.touch(tokenOf(1), used(1))
    await store.sweep()
    await touched
    expect(await store.sessions.find(tokenOf(1))).to.deep.equal(used(1))
  })

  it('are all done when it is closed', async () => {
    await store.sessions.save(loginOf(0, user(0)))
    await store.sessions.touch(tokenOf(0), used(0))
    const saved = codeOf(store.sessions.save(loginOf(1, user(1))))
    const touched = store.sessions.touch(tokenOf(0), { ...used(0), lastSeenAt: start + 950 })
    await store.close()
    await Promise.all([saved, touched])
    store = open()
    expect((await store.sessions.find(tokenOf(0)))?.lastSeenAt).to.equal(start + 950)
  })

  it('are confirmed after the disk has them, many by one fsync', async function () {
    const calls = await callsOf(this, program(path, 64))
    const [from = -1, to = -1] = ['begin', 'confirmed'].map((word) =>
      calls.findIndex(({ name, args }) => name === 'write' && args.includes(`"${word}"`)),
    )
    expect(from).to.be.within(0, to)
    const syncs = calls.slice(from, to).filter(({ name }) => /^f(data)?sync$/.test(name))
    expect(syncs.length).to.be.within(1, 8)
  })
})

/** Says when it begins to save, and when all is confirmed. */
const program = (path: string, count: number) => `
  import { writeSync } from 'node:fs'
  import { openSqlite } from '#src/adapters/sqlite/open.js'
  const { raw, close } = openSqlite({ path: ${JSON.stringify(path)}, clock: () => 0, elapsed: () => 0, async pause() {}, prepare() {} })
  const save = (n) => raw.save({
    tokenHash: new Uint8Array(32).fill(n),
    session: { appid: 'wx', openid: 'o-' + n, id: 'id', createdAt: 0, lastSeenAt: 0, expiresAt: 9 },
    ring: { sealed: 'sealed' }, epoch: 0, maxSessions: 9,
  })
  await save(200)
  writeSync(1, 'begin')
  await Promise.all(Array.from({ length: ${count} }, (_, n) => save(n)))
  writeSync(1, 'confirmed')
  await close()`
