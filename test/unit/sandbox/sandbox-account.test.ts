import { expect } from 'chai'
import { runDataOf } from '#src/sandbox/phone/open-data.js'
import { accountOf, phoneNumberOf } from '#src/sandbox/state/account.js'
import { SandboxError } from '#src/sandbox/state/sandbox-error.js'
import { NOON } from '../../support/service/start-sandbox.js'

const one = { appid: 'wx1', secret: 's', bound: true }
const two = { appid: 'wx2', secret: 's', bound: true }
const loose = { appid: 'wx3', secret: 's' }

describe("the sandbox's accounts", () => {
  it('a user has an openid of 28 characters in each app, the same at every start', () => {
    const { openid } = accountOf(one, 'anna')
    expect(openid).to.match(/^o[\w-]{27}$/)
    expect(openid).to.equal('oJeQvir1INzwEYmK4_jS-x3PSjuN')
    expect(accountOf(one, 'ben').openid).to.not.equal(openid)
    expect(accountOf(two, 'anna').openid).to.not.equal(openid)
  })

  it('a user has one unionid across all bound apps, and none elsewhere', () => {
    const { unionid, openid } = accountOf(one, 'anna')
    expect(unionid)
      .to.match(/^o[\w-]{27}$/)
      .and.not.equal(openid)
    expect(accountOf(two, 'anna').unionid).to.equal(unionid)
    expect(accountOf(one, 'ben').unionid).to.not.equal(unionid)
    expect(accountOf(loose, 'anna')).to.not.have.property('unionid')
  })

  it("a user's name has 1 to 64 characters of any script", () => {
    for (const name of ['a', '用户', '👩‍🚀', '𝒳'.repeat(64)]) expect(accountOf(one, name).user).to.equal(name)
    for (const name of ['', 'x'.repeat(65), 7, null, {}, undefined]) {
      expect(() => accountOf(one, name)).to.throw(SandboxError, '1 to 64 characters')
    }
  })

  it('a user has a Chinese mobile number of their own', () => {
    const numbers = Array.from({ length: 50 }, (_, index) => phoneNumberOf(`user ${index}`))
    for (const number of numbers) expect(number).to.match(/^1\d{10}$/)
    expect(new Set(numbers).size).to.equal(50)
  })

  it('a user has steps for 31 days, each stamped with its beginning in China, today the last', () => {
    const { stepInfoList } = runDataOf(accountOf(one, 'anna'), NOON)
    expect(stepInfoList).to.have.length(31)
    expect(stepInfoList.at(-1)?.timestamp).to.equal(Date.parse('2026-03-01T00:00:00+08:00') / 1000)
    expect(stepInfoList.at(0)?.timestamp).to.equal(Date.parse('2026-01-30T00:00:00+08:00') / 1000)
    for (const { step } of stepInfoList) expect(step).to.be.within(0, 19_999)
    const tomorrow = runDataOf(accountOf(one, 'anna'), NOON + 24 * 3600_000).stepInfoList
    expect(tomorrow.slice(0, 30)).to.deep.equal(stepInfoList.slice(1))
  })
})
