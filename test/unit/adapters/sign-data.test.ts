import { expect } from 'chai'
import { signData } from '#src/adapters/crypto/sign-data.js'
import { hmacVectors } from '../../support/vectors.js'

describe("WeChat's user-state signature", () => {
  for (const { name, sessionKey, message, expected } of hmacVectors) {
    it(`comes out as in ${name}`, () => expect(signData(message, sessionKey)).to.equal(expected))
  }

  it('is over the bytes of the text in UTF-8, as they stand', () => {
    const [one, other] = ['{"remark":"微信"}', '{"remark": "微信"}'].map((text) => signData(text, 'key'))
    expect(one).to.equal('4cd1bbd7e84613d81e15e78720dc50d0bc16336b4021c25f32867128db35a575')
    expect(other).not.to.equal(one)
  })
})
