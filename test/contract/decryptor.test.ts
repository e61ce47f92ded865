import { expect } from 'chai'
import { createNodeDecryptor } from '#src/adapters/crypto/decryptor.js'
import { readOpenData } from '#src/domain/open-data/open-data.js'
import { sealedVectors } from '../support/vectors.js'
import { describeDecryptor } from './decryptor.js'

const decryptor = createNodeDecryptor()

describeDecryptor('node:crypto', decryptor)

describe('the decryptor and readOpenData together', () => {
  for (const vector of sealedVectors) {
    it(`${vector.name}: ${vector.outcome}`, () => {
      const openid = vector.expected?.['openId']
      const session = { appid: vector.appId, openid: typeof openid === 'string' ? openid : 'oSomebody' }
      const plaintext = decryptor.open(vector)
      const data = plaintext === undefined ? undefined : readOpenData(plaintext, session, 0, 0)
      expect(data).to.deep.equal(vector.outcome === 'ok' ? vector.expected : undefined)
    })
  }
})
