import { createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { createAesSealer } from '#src/adapters/crypto/sealer.js'
import { describeSealer } from './sealer.js'

describeSealer('AES-256-GCM', (secrets) => createAesSealer(secrets, randomBytes))

describe('the AES sealer', () => {
  it('writes version, key id and the iv it was given, and seals with AES-256-GCM under an HKDF key', () => {
    const iv = Buffer.alloc(12, 7)
    const sealed = createAesSealer(['secret'], () => iv).seal('text', 'place')
    expect(sealed).to.match(/^1\.[\w-]{8}\.[\w-]+$/)
    const bytes = Buffer.from(sealed.slice(11), 'base64url')
    expect(bytes.subarray(0, 12)).to.deep.equal(iv)
    const key = Buffer.from(hkdfSync('sha256', 'secret', '', 'r3session sealing key', 32))
    const decipher = createDecipheriv('aes-256-gcm', key, iv)
    decipher.setAAD(Buffer.from('place')).setAuthTag(bytes.subarray(-16))
    expect(decipher.update(bytes.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8')).to.equal(
      'text',
    )
  })

  it('marks what a secret sealed with the same key id every time, and another for another secret', () => {
    const idUnder = (secret: string) => createAesSealer([secret], randomBytes).seal('', '').split('.')[1]
    expect(idUnder('secret')).to.equal(idUnder('secret')).and.not.to.equal(idUnder('other'))
  })

  it('does not open a foreign version', () => {
    const sealer = createAesSealer(['secret'], randomBytes)
    expect(sealer.open(sealer.seal('text', 'place').replace(/^1/, '2'), 'place')).to.equal(undefined)
  })

  it('needs a secret', () => {
    expect(() => createAesSealer([], randomBytes)).to.throw(TypeError, 'at least one secret')
  })
})
