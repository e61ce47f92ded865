import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { createAesSealer } from '#src/adapters/crypto/sealer.js'
import { createKeyRings } from '#src/adapters/store/key-rings.js'
import { createFakeStore } from '../../support/store/fake-store.js'
import { ann, ben, endingAt, loginOf, start } from '../../support/store/logins.js'

describe('opened rings', () => {
  function counted() {
    const { raw, sessions } = createFakeStore()
    const sealer = createAesSealer(['secret'], randomBytes)
    let opened = 0
    const { keys } = createKeyRings(raw, {
      ...sealer,
      open: (sealed, place) => {
        opened++
        return sealer.open(sealed, place)
      },
    })
    return { raw, sessions, keys, opened: () => opened }
  }

  it('are opened once while they stay the same', async () => {
    const { sessions, keys, opened } = counted()
    await sessions.save(loginOf(1))
    for (let use = 0; use < 3; use++) expect(await keys(ann)).to.deep.equal([{ key: 'key-1', at: start + 1 }])
    expect(opened()).to.equal(1)
  })

  it('are opened anew after a login in another process', async () => {
    const { sessions, keys } = counted()
    await sessions.save(loginOf(1))
    await keys(ann)
    await sessions.save(loginOf(2, ann, { sessionKey: 'key-2' }))
    expect((await keys(ann)).map(({ key }) => key)).to.deep.equal(['key-2', 'key-1'])
  })

  it('are forgotten with their user', async () => {
    const { sessions, keys } = counted()
    await sessions.save(loginOf(1))
    await keys(ann)
    await sessions.forget(ann, endingAt(start))
    expect(await keys(ann)).to.deep.equal([])
  })

  it('open for their own user alone, though the very same text lies in the place of another', async () => {
    const { raw, sessions, keys } = counted()
    await sessions.save(loginOf(1))
    await keys(ann)
    await raw.putRing(ben, { sealed: String(await raw.ring(ann)), replaces: undefined })
    expect(await keys(ben)).to.deep.equal([])
  })
})
