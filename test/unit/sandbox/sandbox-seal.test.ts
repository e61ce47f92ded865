import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { seal, signRawData } from '#src/sandbox/phone/seal.js'
import { signMessage } from '#src/sandbox/weixin/signature.js'
import { openSealed } from '../../support/service/start-sandbox.js'

const KEY = 'tiihtNczf5v6AKRyjwEUhQ=='
const IV = Buffer.from('r7BXXKkLb8qrSNn05n0qiA==', 'base64')

interface Vector {
  name: string
  sessionKey: string
  rawData: string
  encryptedData: string
  iv: string
  message: string
  expected: string
}

function vector(name: string): Vector {
  const vectors: Vector[] = JSON.parse(readFileSync('test/fixtures/vectors.json', 'utf8'))
  const found = vectors.find((entry) => entry.name === name)
  if (found === undefined) throw new Error(`no vector ${name}`)
  return found
}

describe("the sandbox's cryptography", () => {
  it('the sandbox seals what plain node:crypto opens', () => {
    for (const text of ['{}', '{"nickName":"微信用户"}', 'x'.repeat(16), 'y'.repeat(1000)]) {
      expect(openSealed(seal(text, KEY, IV), KEY)).to.equal(text)
    }
  })

  it("the sandbox seals the official sample's plaintext to the official ciphertext", () => {
    const official = vector('official-wxbizdatacrypt-userinfo')
    const text = openSealed(official, official.sessionKey)
    const sealed = seal(text, official.sessionKey, Buffer.from(official.iv, 'base64'))
    expect(sealed).to.deep.equal({ encryptedData: official.encryptedData, iv: official.iv })
  })

  it('the sandbox signs the official rawData as WeChat did', () => {
    const official = vector('official-signature-rawData')
    expect(signRawData(official.rawData, official.sessionKey)).to.equal(official.expected)
  })

  it('the sandbox signs the official message as WeChat did, with the base64 text as the key', () => {
    expect(signMessage('{"foo":"bar"}', 'o0q0otL8aEzpcZL/FT9WsQ==')).to.equal(
      '654571f79995b2ce1e149e53c0a33dc39c0a74090db514261454e8dbe432aa0b',
    )
    for (const name of ['official-hmac-post', 'derived-hmac-empty-same-key']) {
      const { message, sessionKey, expected } = vector(name)
      expect(signMessage(message, sessionKey)).to.equal(expected)
    }
  })
})
