import { expect } from 'chai'
import fc from 'fast-check'
import type { Sealer } from '#src/domain/ports.js'

/** The contract of Sealer, for any adapter that `create` makes from secrets, the newest first. */
export function describeSealer(name: string, create: (secrets: readonly string[]) => Sealer): void {
  describe(`Sealer: ${name}`, () => {
    const sealer = create(['secret'])

    it('opens what it sealed, for the same place', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, place) => {
          expect(sealer.open(sealer.seal(text, place), place)).to.equal(text)
        }),
      )
    })

    it('opens nothing in another place', () => {
      fc.assert(
        fc.property(fc.string(), fc.string(), fc.string(), (text, place, other) => {
          fc.pre(place !== other)
          expect(sealer.open(sealer.seal(text, place), other)).to.equal(undefined)
        }),
      )
    })

    it('never seals the same text alike', () => {
      const sealed = Array.from({ length: 100 }, () => sealer.seal('text', 'place'))
      expect(new Set(sealed).size).to.equal(100)
    })

    it('shows nothing of the text', () => {
      const sealed = sealer.seal('tiihtNczf5v6AKRyjwEUhQ==', 'place')
      for (const part of sealed.split(/[^\w+/=-]/)) {
        expect(Buffer.from(part, 'base64').toString('latin1')).not.to.include('tiihtNczf5v6AKRyjwEUhQ==')
        expect(part).not.to.include('tiihtNczf5v6AKRyjwEUhQ')
      }
    })

    it('does not open with any single character changed, left out or added', () => {
      const sealed = sealer.seal('text', 'place')
      const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0é'
      for (let at = 0; at <= sealed.length; at++) {
        const [before, changed, after] = [sealed.slice(0, at), sealed.slice(at, at + 1), sealed.slice(at + 1)]
        const forgeries = [...characters].flatMap((one) => [
          before + one + after,
          before + one + changed + after,
        ])
        for (const forged of [before + after, ...forgeries]) {
          if (forged !== sealed)
            expect(sealer.open(forged, 'place'), JSON.stringify(forged)).to.equal(undefined)
        }
      }
      expect(sealer.open(sealed, 'place')).to.equal('text')
    })

    it('does not open with any single bit of the sealed bytes flipped', () => {
      const sealed = sealer.seal('text', 'place')
      const split = sealed.lastIndexOf('.') + 1
      const bytes = Buffer.from(sealed.slice(split), 'base64url')
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const flipped = Buffer.from(bytes)
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const forged = sealed.slice(0, split) + flipped.toString('base64url')
        expect(sealer.open(forged, 'place'), `bit ${bit}`).to.equal(undefined)
      }
    })

    it('answers garbage with undefined', () => {
      fc.assert(
        fc.property(fc.string(), fc.string(), (sealed, place) => {
          expect(sealer.open(sealed, place)).to.equal(undefined)
        }),
      )
    })

    it('has a digest for each text, that says nothing to who has another secret', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme' }), (text) => {
          const digest = sealer.digest(text)
          expect(digest).to.have.length(32)
          expect(create(['secret', 'older']).digest(text)).to.deep.equal(digest)
          expect(create(['other', 'secret']).digest(text)).not.to.deep.equal(digest)
          expect(sealer.digest(`${text}.`)).not.to.deep.equal(digest)
        }),
      )
    })

    it('opens nothing that was sealed under another secret', () => {
      expect(create(['other']).open(sealer.seal('text', 'place'), 'place')).to.equal(undefined)
    })

    it('still opens what older secrets sealed, and seals under the newest', () => {
      const rotated = create(['newest', 'older', 'secret'])
      expect(rotated.open(sealer.seal('text', 'place'), 'place')).to.equal('text')
      const sealed = rotated.seal('text', 'place')
      expect(create(['newest']).open(sealed, 'place')).to.equal('text')
      expect(create(['older', 'secret']).open(sealed, 'place')).to.equal(undefined)
    })
  })
}
