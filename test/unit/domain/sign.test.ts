import { expect } from 'chai'
import type { DomainEvent } from '#src/domain/events.js'
import type { KeyRing } from '#src/domain/key-ring.js'
import { createSign } from '#src/domain/keys/sign.js'
import { ann } from '../../support/store/logins.js'
import { failure } from '../../support/use-cases.js'

const by = { requestId: 'request', serviceKey: 'orders' }

function setUp(ring: KeyRing) {
  const events: DomainEvent[] = []
  const sign = createSign({
    keyRings: { keys: async () => ring },
    signData: (data, key) => `${data} by ${key}`,
    report: (event) => void events.push(event),
  })
  return { sign, events }
}

describe('a signature', () => {
  it('is made with the newest key, and told of with whom it went to', async () => {
    const { sign, events } = setUp([
      { key: 'new', at: 1 },
      { key: 'old', at: 0, replacedAt: 1 },
    ])
    expect(await sign(ann, 'data', by)).to.equal('data by new')
    expect(await sign(ann, 'data')).to.equal('data by new')
    expect(events).to.deep.equal([
      { type: 'signed', user: ann, by },
      { type: 'signed', user: ann },
    ])
  })

  it('is none where there is no key, or none that WeChat honours', async () => {
    for (const ring of [[], [{ key: 'key', at: 0, replacedAt: 1 }]]) {
      const { sign, events } = setUp(ring)
      expect(await failure(sign(ann, 'data'))).to.equal('key_replaced')
      expect(events).to.deep.equal([])
    }
  })
})
