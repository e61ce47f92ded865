import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { accountOf } from '#src/sandbox/state/account.js'
import { CODE_LIFE, createCodes, MAX_CODES, newLoginCode, newPhoneCode } from '#src/sandbox/state/codes.js'

const account = accountOf({ appid: 'wx1', secret: 's' }, 'anna')

function setUp() {
  const time = { now: 1_000_000 }
  let count = 0
  const codes = createCodes(
    () => time.now,
    () => `code-${count++}`,
  )
  return { time, codes }
}

describe("the sandbox's codes", () => {
  it('a code lives 5 minutes to the millisecond, used or not', () => {
    const { time, codes } = setUp()
    const fresh = codes.issue(account)
    const spent = codes.issue(account)
    const entry = codes.find(spent)
    if (entry) entry.used = true
    time.now += CODE_LIFE - 1
    expect(codes.find(fresh)).to.deep.include({ account, used: false })
    expect(codes.find(spent)).to.deep.include({ account, used: true })
    time.now += 1
    expect(codes.find(fresh)).to.equal(undefined)
    expect(codes.find(spent)).to.equal(undefined)
    expect(CODE_LIFE).to.equal(300_000)
  })

  it('a code is unknown when nobody issued it', () => {
    expect(setUp().codes.find('code-0')).to.equal(undefined)
  })

  it('codes are forgotten, the oldest first, before there are too many of them', () => {
    const { codes } = setUp()
    for (let index = 0; index < MAX_CODES + 2; index++) codes.issue(account)
    expect(codes.find('code-0')).to.equal(undefined)
    expect(codes.find('code-1')).to.equal(undefined)
    expect(codes.find('code-2')).to.not.equal(undefined)
    expect(codes.find(`code-${MAX_CODES + 1}`)).to.not.equal(undefined)
  })

  it('codes look like those of WeChat', () => {
    for (let index = 0; index < 100; index++) {
      expect(newLoginCode(randomBytes)).to.match(/^0[0-9A-Za-z]{31}$/)
      expect(newPhoneCode(randomBytes)).to.match(/^[0-9a-f]{64}$/)
    }
  })
})
