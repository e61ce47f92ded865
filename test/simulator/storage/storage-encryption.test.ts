import { expect } from 'chai'
import { failureOf, phone } from '../phone.js'

const pig = { name: 'smallerpig', sex: 1, age: 18 }

describe('encrypted values in the simulated storage', () => {
  // WeChat: encrypt: true (2.21.3+) only on async get/set and must match on both
  it('getStorage with encrypt reads an encrypted value', async () => {
    const wx = phone()
    for (const data of ['geheim', '秘密\ud83d', '', pig, undefined, 7]) {
      await wx.setStorage({ key: 'key', data, encrypt: true })
      expect((await wx.getStorage({ key: 'key', encrypt: true })).data).to.deep.equal(data)
    }
  })

  it('getStorage finds a value only with the same encrypt option as setStorage', async () => {
    const wx = phone()
    await wx.setStorage({ key: 'key', data: 'geheim', encrypt: true })
    expect((await failureOf(wx.getStorage({ key: 'key' }))).errMsg).to.equal('getStorage:fail data not found')
    expect(wx.getStorageSync('key')).to.equal('')
    expect(wx.batchGetStorageSync(['key'])).to.deep.equal([''])
    await wx.setStorage({ key: 'key', data: 'open' })
    expect((await failureOf(wx.getStorage({ key: 'key', encrypt: true }))).errMsg).to.equal(
      'getStorage:fail data not found',
    )
  })

  it('the Storage panel does not show an encrypted value, and equal values look different', async () => {
    const wx = phone()
    await wx.setStorage({ key: 'a', data: 'geheim', encrypt: true })
    await wx.setStorage({ key: 'b', data: 'geheim', encrypt: true })
    const [a, b] = wx.devtools.storage().entries
    expect(a).to.include({ key: 'a', type: 'String', encrypted: true })
    expect(a?.value).to.be.a('string').and.not.include('geheim').and.not.equal(b?.value)
  })

  it('encrypted values are listed, removed and replaced like other values', async () => {
    const wx = phone()
    await wx.setStorage({ key: 'key', data: 'geheim', encrypt: true })
    expect(wx.getStorageInfoSync().keys).to.deep.equal(['key'])
    wx.setStorageSync('key', 'open')
    expect(wx.getStorageSync('key')).to.equal('open')
    await wx.setStorage({ key: 'key', data: 'geheim', encrypt: true })
    wx.removeStorageSync('key')
    expect(wx.getStorageInfoSync().keys).to.deep.equal([])
  })

  it('synchronous storage functions do not encrypt', () => {
    const wx = phone()
    const setSync = wx.setStorageSync as (...given: unknown[]) => void
    setSync('key', 'value', true)
    expect(wx.devtools.storage().entries[0]?.encrypted).to.equal(false)
  })
})
