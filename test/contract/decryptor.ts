import { createCipheriv, createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Decryptor } from '#src/domain/ports.js'
import { isPadded, openedByOpenssl } from '../support/openssl.js'
import { sealedVectors, signedVectors } from '../support/vectors.js'

const key = Buffer.from('0123456789abcdef')
const iv = Buffer.from('fedcba9876543210')
const [sessionKey, base64Iv] = [key.toString('base64'), iv.toString('base64')]

/** The contract of Decryptor. */
export function describeDecryptor(name: string, decryptor: Decryptor): void {
  const open = (encryptedData: string) => decryptor.open({ encryptedData, iv: base64Iv, sessionKey })
  const openBlocks = (blocks: Uint8Array) => open(sealBlocks(blocks).toString('base64'))

  describe(`Decryptor: ${name}`, () => {
    describe('open', () => {
      /** Refused by what the domain knows of them; to a cipher they are as good as others. */
      const refusedByContent = [
        'syn-watermark-of-another-app',
        'syn-watermark-missing',
        'syn-plaintext-not-json',
        'syn-wrong-iv',
      ]
      for (const vector of sealedVectors) {
        if (vector.expected !== null) {
          it(`opens ${vector.name}`, () => {
            expect(JSON.parse(decryptor.open(vector) ?? '')).to.deep.equal(vector.expected)
          })
        } else if (refusedByContent.includes(vector.name)) {
          it(`opens ${vector.name} as text`, () => expect(decryptor.open(vector)).to.be.a('string'))
        } else {
          it(`does not open ${vector.name}`, () => expect(decryptor.open(vector)).to.equal(undefined))
        }
      }

      it('gives back any text that was sealed', () => {
        fc.assert(fc.property(text, (plaintext) => open(seal(plaintext)) === plaintext))
      })

      it('keeps a byte order mark', () => expect(open(seal('\ufeff{}'))).to.equal('\ufeff{}'))

      it('opens text of every length, a whole block of padding included', () => {
        for (let length = 0; length <= 33; length++) {
          const plaintext = 'x'.repeat(length)
          expect(open(seal(plaintext))).to.equal(plaintext)
        }
      })

      const harms: [string, (base64: string) => string][] = [
        ['line feeds', (base64) => base64.replace(/.{76}/g, '$&\n')],
        ['carriage returns', (base64) => `${base64.replace(/.{4}/g, '$&\r\n')}\r\n`],
        ['line feeds and indentation', (base64) => `\n    ${base64.replace(/.{8}/g, '$&\n    ')}\n  `],
        ['carriage returns and indentation', (base64) => base64.replace(/.{4}/g, '$&\r\n  ')],
        ['line feeds and tabs', (base64) => base64.replace(/.{4}/g, '$&\n\t \t')],
        ['empty lines', (base64) => base64.replace(/.{4}/g, '$&\n \n\r\n')],
        [
          'indentation, and within the lines spaces where a plus was',
          (base64) =>
            base64.replace(/.{4}/g, (four) =>
              four.startsWith('+') ? four : `${four.replaceAll('+', ' ')}\n  `,
            ),
        ],
        [
          'indentation that was encoded twice',
          (base64) => encodeURIComponent(base64.replace(/.{4}/g, '$&\r\n\t ')),
        ],
        ['spaces where a plus was', (base64) => base64.replaceAll('+', ' ')],
        ['what encoding twice leaves over', (base64) => encodeURIComponent(base64)],
        [
          'the same in lower case',
          (base64) => encodeURIComponent(base64).replace(/%../g, (code) => code.toLowerCase()),
        ],
        [
          'line breaks that were encoded twice',
          (base64) => encodeURIComponent(base64.replace(/.{4}/g, '$&\r\n')),
        ],
      ]
      for (const [name, harm] of harms) {
        it(`mends ${name}, in the data, the iv and the key`, () => {
          const block = fc.uint8Array({ minLength: 16, maxLength: 16 })
          fc.assert(
            fc.property(text, block, block, (plaintext, anyKey, anyIv) => {
              const encryptedData = seal(plaintext, anyKey, anyIv)
              const opened = decryptor.open({
                encryptedData: harm(encryptedData),
                iv: harm(Buffer.from(anyIv).toString('base64')),
                sessionKey: harm(Buffer.from(anyKey).toString('base64')),
              })
              expect(opened).to.equal(plaintext)
            }),
          )
        })
      }

      const sealed = seal('{"nickName":"微信用户"}')
      const refused: [string, string][] = [
        ['nothing', ''],
        ['one block too short by a byte', Buffer.alloc(15).toString('base64')],
        ['one block too long by a byte', Buffer.alloc(17).toString('base64')],
        ['a missing =', sealed.replace(/=$/, '')],
        ['a = too many', `${sealed}=`],
        ['four = too many', `${sealed}====`],
        ['foreign characters before the first', `!!!!${sealed}`],
        ['a = within', `${sealed.slice(0, 4)}====${sealed.slice(4)}`],
        ['the alphabet of base64url', '-_'.repeat(32)],
        ['a tab at the end', `${sealed}\t`],
        ['a tab within a line', `${sealed.slice(0, 4)}\t${sealed.slice(4)}`],
        ['a vertical tab after a line break', `${sealed.slice(0, 4)}\n\v${sealed.slice(4)}`],
        ['a no-break space after a line break', `${sealed.slice(0, 4)}\n\u00a0${sealed.slice(4)}`],
        ['other escapes', `%41${sealed.slice(1)}`],
        ['hex', Buffer.from(sealed, 'base64').toString('hex').slice(0, -1)],
        ['a lone surrogate', `\ud800${sealed.slice(1)}`],
      ]
      for (const [name, encryptedData] of refused) {
        it(`refuses ${name}`, () => expect(open(encryptedData)).to.equal(undefined))
      }

      for (const length of [0, 15, 17, 24, 32]) {
        const base64 = Buffer.alloc(length, 1).toString('base64')
        it(`refuses a key of ${length} bytes`, () => {
          expect(decryptor.open({ encryptedData: sealed, iv: base64Iv, sessionKey: base64 })).to.equal(
            undefined,
          )
        })
        it(`refuses an iv of ${length} bytes`, () => {
          expect(decryptor.open({ encryptedData: sealed, iv: base64, sessionKey })).to.equal(undefined)
        })
      }

      it('refuses a key or an iv that is no base64 at all', () => {
        for (const none of ['x', '====', '微信', `${base64Iv}!`]) {
          expect(decryptor.open({ encryptedData: sealed, iv: none, sessionKey })).to.equal(undefined)
          expect(decryptor.open({ encryptedData: sealed, iv: base64Iv, sessionKey: none })).to.equal(
            undefined,
          )
        }
      })

      it('refuses every padding but the right one', () => {
        const ending = fc.uint8Array({ minLength: 16, maxLength: 16, max: 18 })
        const almost = fc
          .tuple(fc.integer({ min: 1, max: 16 }), fc.nat(15), fc.integer({ min: 1, max: 127 }))
          .map(([count, index, change]) => {
            const block = new Uint8Array(16).fill(count, 16 - count)
            return block.map((byte, at) => (at === index ? byte ^ change : byte))
          })
        fc.assert(
          fc.property(fc.oneof(ending, almost), (block) => {
            expect(openBlocks(block) !== undefined).to.equal(isPadded(block))
          }),
          { numRuns: 1_000 },
        )
      })

      for (const [count, block] of [0, 17, 255].map((count) => [count, Buffer.alloc(16, count)] as const)) {
        it(`refuses a padding of ${count}`, () => expect(openBlocks(block)).to.equal(undefined))
      }

      const notUtf8: [string, number[]][] = [
        ['a lone continuation byte', [0x80]],
        ['an overlong form', [0xc0, 0x80]],
        ['a surrogate', [0xed, 0xa0, 0x80]],
        ['half a character', [0xe5, 0xbe]],
        ['a code point past the last', [0xf4, 0x90, 0x80, 0x80]],
      ]
      for (const [name, bytes] of notUtf8) {
        it(`refuses ${name} in the text`, () => {
          const padding = 16 - bytes.length
          expect(openBlocks(Uint8Array.of(...bytes, ...Array(padding).fill(padding)))).to.equal(undefined)
        })
      }

      it('opens changed data only where OpenSSL finds padding and UTF-8 right, too', () => {
        const change = fc.tuple(text, fc.nat(), fc.integer({ min: 1, max: 255 }))
        fc.assert(
          fc.property(change, ([plaintext, place, mask]) => {
            const bytes = Buffer.from(seal(plaintext), 'base64')
            const last = bytes.length - 16 + (place % 16)
            bytes.writeUInt8(bytes.readUInt8(last) ^ mask, last)
            expect(open(bytes.toString('base64'))).to.equal(openedByOpenssl(bytes, key, iv))
          }),
          { numRuns: 1_000 },
        )
      })

      it('never throws', () => {
        const base64 = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('base64'))
        const any = fc.oneof(fc.string({ unit: 'binary' }), base64)
        fc.assert(
          fc.property(any, any, any, (encryptedData, anyIv, anyKey) => {
            decryptor.open({ encryptedData, iv: anyIv, sessionKey: anyKey })
          }),
        )
      })
    })

    describe('verifies', () => {
      for (const { name, rawData, sessionKey, expected } of signedVectors) {
        const accepts = (changed: object) => {
          return decryptor.verifies({ rawData, sessionKey, signature: expected, ...changed })
        }
        it(`accepts ${name}`, () => expect(accepts({})).to.equal(true))

        const refused: [string, object][] = [
          ['other data', { rawData: `${rawData} ` }],
          ['another key', { sessionKey: 'MDEyMzQ1Njc4OWFiY2RlZg==' }],
          ['a signature with one digit changed', { signature: expected.replace(/.$/, '0') }],
          ['a signature in upper case', { signature: expected.toUpperCase() }],
          ['a signature without its last digit', { signature: expected.slice(0, -1) }],
          ['a digit too many', { signature: `${expected}0` }],
          ['a line break after the signature', { signature: `${expected}\n` }],
          ['no signature', { signature: '' }],
          ['a signature that is no hex', { signature: 'z'.repeat(40) }],
          ['a signature in base64', { signature: Buffer.from(expected, 'hex').toString('base64') }],
        ]
        for (const [what, changed] of refused) {
          it(`refuses ${what}`, () => expect(accepts(changed)).to.equal(false))
        }
      }

      it('accepts exactly what was signed, in any script', () => {
        fc.assert(
          fc.property(text, text, (rawData, other) => {
            const signature = createHash('sha1').update(rawData).update(sessionKey).digest('hex')
            expect(decryptor.verifies({ rawData, signature, sessionKey })).to.equal(true)
            expect(decryptor.verifies({ rawData: other, signature, sessionKey })).to.equal(other === rawData)
          }),
        )
      })

      it('never throws, lone surrogates included', () => {
        const any = fc.string({
          unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
        })
        const signature = fc.oneof(any, fc.constant('0'.repeat(40)))
        fc.assert(
          fc.property(any, signature, any, (rawData, signature, sessionKey) => {
            expect(decryptor.verifies({ rawData, signature, sessionKey })).to.equal(false)
          }),
        )
      })
    })
  })
}

/** Texts of WeChat's kind, JSON in any script, and others. */
const text = fc.oneof(fc.json({ stringUnit: 'binary' }), fc.string({ unit: 'binary' }))

function seal(plaintext: string, withKey: Uint8Array = key, withIv: Uint8Array = iv): string {
  const cipher = createCipheriv('aes-128-cbc', withKey, withIv)
  return cipher.update(plaintext, 'utf8', 'base64') + cipher.final('base64')
}

function sealBlocks(blocks: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false)
  return Buffer.concat([cipher.update(blocks), cipher.final()])
}
