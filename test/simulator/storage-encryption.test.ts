import { expect } from 'chai'
import { failureOf, phone } from './phone.js'

const pig = { name: 'smallerpig', sex: 1, age: 18 }

describe('encrypted values in the simulated storage', () => {
  // C.2: "encrypt: true (2.21.3+) only on async get/set and must match on both"
  it('gives the value back to those who ask with encrypt', async () => {
    const wx = phone()
    for (const data of ['geheim', '秘密\ud83d', '', pig, undefined, 7]) {
      await wx.setStorage({ key: 'key', data, encrypt: true })
      expect((await wx.getStorage({ key: 'key', encrypt: true })).data).to.deep.equal(data)
    }
  })

  it('finds nothing for those who ask otherwise', async () => {
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

  it('shows neither the value in the Storage panel nor the same text for the same value', async () => {
    const wx = phone()
    await wx.setStorage({ key: 'a', data: 'geheim', encrypt: true })
    await wx.setStorage({ key: 'b', data: 'geheim', encrypt: true })
    const [a, b] = wx.devtools.storage().entries
    expect(a).to.include({ key: 'a', type: 'String', encrypted: true })
    expect(a?.value).to.be.a('string').and.not.include('geheim').and.not.equal(b?.value)
  })

  it('lists, removes and replaces like everything else', async () => {
    const wx = phone()
    await wx.setStorage({ key: 'key', data: 'geheim', encrypt: true })
    expect(wx.getStorageInfoSync().keys).to.deep.equal(['key'])
    wx.setStorageSync('key', 'open')
    expect(wx.getStorageSync('key')).to.equal('open')
    await wx.setStorage({ key: 'key', data: 'geheim', encrypt: true })
    wx.removeStorageSync('key')
    expect(wx.getStorageInfoSync().keys).to.deep.equal([])
  })

  it('does not exist in synchronous functions', () => {
    const wx = phone()
    const setSync = wx.setStorageSync as (...given: unknown[]) => void
    setSync('key', 'value', true)
    expect(wx.devtools.storage().entries[0]?.encrypted).to.equal(false)
  })
})
