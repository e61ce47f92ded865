import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { createSealedPhones, KNOWN_FOR, MAX_HASHES } from '#src/sandbox/state/sealed-phones.js'

const NOW = 1_000_000
const base64 = (text: string) => Buffer.from(text).toString('base64')
const data = base64('sealed')
const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex')

function setUp() {
  const time = { now: NOW }
  return { time, phones: createSealedPhones(() => time.now) }
}

describe("the sandbox's sealed phone numbers", () => {
  it('a sealed phone number is known by the hash of its base64 text and of its bytes', () => {
    const { phones } = setUp()
    phones.add('wx1', data)
    expect(phones.find('wx1', sha256(data))).to.equal(NOW)
    expect(phones.find('wx1', sha256(Buffer.from(data, 'base64')))).to.equal(NOW)
    expect(phones.find('wx1', sha256('another'))).to.equal(undefined)
    expect(phones.find('wx2', sha256(data))).to.equal(undefined)
  })

  it('a sealed phone number is known for 3 days', () => {
    const { phones, time } = setUp()
    phones.add('wx1', data)
    time.now += KNOWN_FOR - 1
    expect(phones.find('wx1', sha256(data))).to.equal(NOW)
    time.now += 1
    expect(phones.find('wx1', sha256(data))).to.equal(undefined)
    phones.add('wx1', base64('more'))
    expect(phones.find('wx1', sha256(base64('more')))).to.equal(NOW + KNOWN_FOR)
  })

  it('sealed phone numbers are forgotten, the oldest first, before there are too many of them', () => {
    const { phones } = setUp()
    const count = MAX_HASHES / 2
    for (let index = 0; index <= count; index++) phones.add('wx1', base64(`data-${index}`))
    expect(phones.find('wx1', sha256(base64('data-0')))).to.equal(undefined)
    expect(phones.find('wx1', sha256(base64('data-1')))).to.equal(NOW)
    expect(phones.find('wx1', sha256(base64(`data-${count}`)))).to.equal(NOW)
  })
})
