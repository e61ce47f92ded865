import { expect } from 'chai'
import { createNodeDecryptor } from '#src/adapters/crypto/decryptor.js'
import { readOpenData } from '#src/domain/open-data/open-data.js'
import { tryForgeries } from '../../support/forger.js'
import { NOW, session, sessionKey } from '../../support/genuine-data.js'

const decryptor = createNodeDecryptor()
const read = (plaintext: string) => readOpenData(plaintext, session, 3_600_000, NOW)

/** `node bench/forge.mjs` makes more of them, with other seeds. */
describe('thousands of forgeries made from genuine data of every kind', () => {
  let result: ReturnType<typeof tryForgeries>
  before(() => {
    result = tryForgeries(10_000, 7, { decryptor, read })
  })

  it('start from data that opens', () => {
    expect(result.refused).to.deep.equal([])
    expect(result.opened).to.be.greaterThan(0)
  })

  it('open with no identity, phone number, steps, game data or chat id of the forger', () => {
    // Of the ids of a group, the ticket and the activity, the first block is his by nature: the next test.
    const byNature = ['openGId', 'opengid', 'msgTicket', 'activityId']
    const forged = result.successes.filter(({ field, value }) => !byNature.includes(field) && !isEmpty(value))
    expect(forged).to.deep.equal([])
  })

  it('open with an id of the forger only where all but its first block is the end of a genuine one', () => {
    const texts = result.genuine.map(({ text }) => text)
    // The names take 12, 14 and 0 characters of the first block.
    const free: Record<string, number> = { openGId: 4, opengid: 4, msgTicket: 2, activityId: 16 }
    for (const { field, value } of result.successes.filter(({ value }) => !isEmpty(value))) {
      const rest = String(value).slice(free[field])
      expect(rest.length, `${field} ${value}`).to.be.at.least(16)
      expect(
        texts.some((text) => text.endsWith(rest) || text.includes(`${rest}"`)),
        `${field} ${value}`,
      ).to.equal(true)
    }
  })

  it('have a trick that works: without the checks, forged phone numbers and openIds open', () => {
    const trusting = (plaintext: string) => {
      try {
        const value: unknown = JSON.parse(plaintext)
        return typeof value === 'object' && value !== null ? { ...value } : { activityId: plaintext }
      } catch {
        return { activityId: plaintext }
      }
    }
    const { successes } = tryForgeries(5_000, 7, { decryptor, read: trusting })
    const fields = new Set(successes.map(({ field }) => field))
    expect([...fields]).to.include.members(['openId', 'unionId', 'phoneNumber', 'stepInfoList', 'dataList'])
  })
})

describe('a message of one block, which anybody can write who owns a genuine one', () => {
  it('never opens, whatever it says', () => {
    const { genuine } = tryForgeries(0, 7, { decryptor, read })
    const [{ data, iv, text } = { data: Buffer.alloc(0), iv: Buffer.alloc(0), text: '' }] = genuine
    const known = Buffer.from(text).subarray(0, 16)
    for (const message of [
      '{"opengid":"tG"}',
      '{"opengid":"G"}',
      '{"opengid":""}',
      '{"chat_type":3}',
      '{"openGId":"t"}',
      '{"kv_list":[]}',
      '{"dataList":[]}',
      '{"openId":"o"}',
      '{"city":"x"}',
      '{}',
      '1151_x',
      '1151_0123456789',
      '',
    ].filter((message) => message.length < 16)) {
      const wanted = Buffer.alloc(16, 16 - message.length)
      wanted.write(message)
      const forged = Buffer.from(iv.map((byte, at) => byte ^ (known[at] ?? 0) ^ (wanted[at] ?? 0)))
      const plaintext = decryptor.open({
        encryptedData: data.subarray(0, 16).toString('base64'),
        iv: forged.toString('base64'),
        sessionKey,
      })
      expect(plaintext).to.equal(message)
      expect(read(message), message).to.equal(undefined)
    }
  })
})

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}
