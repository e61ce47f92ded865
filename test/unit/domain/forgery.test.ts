import { expect } from 'chai'
import { decryptor, provenForgeries, read } from '../../proofs/forge/forgeries.js'
import { tryForgeries } from '../../support/forger.js'
import { sessionKey } from '../../support/genuine-data.js'

/** `npm run prove:forge` makes more of them. */
describe('thousands of forgeries made from genuine data of every kind', () => {
  let result: ReturnType<typeof provenForgeries>
  before(() => {
    result = provenForgeries(10_000, 7)
  })

  it('start from data that opens', () => {
    expect(result.refused).to.deep.equal([])
    expect(result.opened).to.be.greaterThan(0)
  })

  it('open with no value of the forger, but for the first block of an id whose rest is genuine', () => {
    expect(result.forged).to.deep.equal([])
    const fields = new Set(result.begun.map(({ field }) => field))
    expect([...fields]).to.include.members(['openGId', 'opengid', 'msgTicket', 'activityId'])
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
