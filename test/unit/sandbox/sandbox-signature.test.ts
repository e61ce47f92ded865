import { expect } from 'chai'
import { isPaySig, isSignature } from '#src/sandbox/weixin/signature.js'
import { hmacVectors } from '../../support/vectors.js'

describe("the sandbox's signatures", () => {
  for (const { name, sessionKey, message, expected } of hmacVectors) {
    it(`the user-state signature comes out as in ${name}, and no other does`, () => {
      expect(isSignature(expected, message, sessionKey)).to.equal(true)
      expect(isSignature(expected.toUpperCase(), message, sessionKey)).to.equal(false)
      expect(isSignature(expected, `${message} `, sessionKey)).to.equal(false)
    })
  }

  it("the payment signature comes out as in the sample on WeChat's page about virtual payment", () => {
    const uri = '/xpay/query_user_balance'
    const body = '{"openid": "xxx", "user_ip": "127.0.0.1", "env": 0}'
    const paySig = 'c37809f27c6d7fd1837ad2500a04512b66b34fd793a39a385fade56dca89a4b5'
    expect(isPaySig(paySig, uri, body, '12345')).to.equal(true)
    expect(isPaySig(paySig, uri, body, '12346')).to.equal(false)
  })
})
