import { expect } from 'chai'
import { failureOf, phone, thrownBy } from '../phone.js'

const pig = { name: 'smallerpig', sex: 1, age: 18 }

describe('the simulated storage', () => {
  it('storage functions succeed with WeChat’s errMsg', async () => {
    // WeChat: ok strings: setStorage:ok, getStorage:ok (+data), getStorageInfo:ok, removeStorage:ok, clearStorage:ok,
    // ...
    const wx = phone()
    expect(await wx.setStorage({ key: 'ob', data: pig })).to.deep.equal({ errMsg: 'setStorage:ok' })
    expect(await wx.getStorage({ key: 'ob' })).to.deep.equal({ data: pig, errMsg: 'getStorage:ok' })
    expect(await wx.getStorageInfo()).to.deep.equal({
      keys: ['ob'],
      currentSize: 1,
      limitSize: 10240,
      errMsg: 'getStorageInfo:ok',
    })
    expect(await wx.removeStorage({ key: 'ob' })).to.deep.equal({ errMsg: 'removeStorage:ok' })
    expect(await wx.clearStorage()).to.deep.equal({ errMsg: 'clearStorage:ok' })
    const kvList = [{ key: 'a', value: 1 }]
    expect(await wx.batchSetStorage({ kvList })).to.deep.equal({ errMsg: 'batchSetStorage:ok' })
    expect(await wx.batchGetStorage({ keyList: ['a'] })).to.deep.equal({
      dataList: [1],
      errMsg: 'batchGetStorage:ok',
    })
  })

  it('setStorageSync replaces value and type of a key', () => {
    const wx = phone()
    wx.setStorageSync('key', pig)
    wx.setStorageSync('key', 'value')
    expect(wx.getStorageSync('key')).to.equal('value')
    expect(wx.getStorageInfoSync().keys).to.deep.equal(['key'])
  })

  it('for a missing key, getStorage fails and getStorageSync returns an empty string', async () => {
    // WeChat: getStorageSync(missing) → ""; getStorage(missing) → fail getStorage:fail data not found
    const wx = phone()
    expect(wx.getStorageSync('nothing')).to.equal('')
    expect(await failureOf(wx.getStorage({ key: 'nothing' }))).to.deep.equal({
      errMsg: 'getStorage:fail data not found',
    })
  })

  it('removeStorage removes a key, and succeeds if there is none', async () => {
    // WeChat: removeStorage of a missing key succeeds (removeStorage:ok)
    const wx = phone()
    wx.setStorageSync('key', 1)
    wx.setStorageSync('other', 2)
    wx.removeStorageSync('key')
    wx.removeStorageSync('key')
    await wx.removeStorage({ key: 'key' })
    expect(wx.getStorageInfoSync().keys).to.deep.equal(['other'])
  })

  it('clearStorage removes all keys', async () => {
    const wx = phone()
    wx.setStorageSync('key', 1)
    await wx.clearStorage()
    expect(wx.getStorageInfoSync().keys).to.deep.equal([])
    wx.setStorageSync('key', 1)
    wx.clearStorageSync()
    expect(wx.getStorageSync('key')).to.equal('')
  })

  it('getStorageInfoSync gives keys and sizes in KB, without an errMsg', () => {
    // WeChat: getStorageInfo(Sync) → {keys: string[], currentSize: KB, limitSize: KB}; limitSize 10240; the sync form
    // has no errMsg
    const wx = phone()
    expect(wx.getStorageInfoSync()).to.deep.equal({ keys: [], currentSize: 0, limitSize: 10240 })
    wx.setStorageSync('logs', [1])
    wx.setStorageSync('r3session', 'x'.repeat(1024))
    expect(wx.getStorageInfoSync()).to.deep.equal({
      keys: ['logs', 'r3session'],
      currentSize: 2,
      limitSize: 10240,
    })
  })

  it('the storage counts values in UTF-8 bytes', () => {
    const wx = phone()
    wx.setStorageSync('小', `${'猪'.repeat(341)}x`)
    expect(wx.getStorageInfoSync().currentSize).to.equal(1)
    wx.setStorageSync('小', `${'猪'.repeat(341)}xx`)
    expect(wx.getStorageInfoSync().currentSize).to.equal(2)
  })

  it('the storage lists keys in the order in which they were first set', () => {
    const wx = phone()
    wx.batchSetStorageSync(['c', 'a', 'b', 'd'].map((key) => ({ key, value: 1 })))
    wx.setStorageSync('a', 'again')
    wx.removeStorageSync('c')
    wx.setStorageSync('c', 'new')
    expect(wx.getStorageInfoSync().keys).to.deep.equal(['a', 'b', 'd', 'c'])
    expect(wx.devtools.storage().entries.map(({ key }) => key)).to.deep.equal(['a', 'b', 'd', 'c'])
  })

  it('any string can be a storage key', () => {
    const wx = phone()
    for (const key of ['', ' ', '小猪', '\ud83d', '__proto__', 'a/b,1;c']) {
      wx.setStorageSync(key, key)
      expect(wx.getStorageSync(key)).to.equal(key)
    }
    expect(wx.getStorageInfoSync().keys).to.have.lengthOf(6)
  })

  it('a storage key that is not a string fails, or gives an error in the console', async () => {
    // WeChat: Non-string key: async fail parameter error: ...; sync setStorageSync calls the fail path (console error)
    // and returns without storing; getStorageSync(nonString) returns undefined
    const wx = phone()
    const key = 7 as never
    const error = (name: string) =>
      `${name}:fail parameter error: parameter.key should be String instead of Number;`
    for (const [name, call] of [
      ['setStorage', () => wx.setStorage({ key, data: 1 })],
      ['getStorage', () => wx.getStorage({ key })],
      ['removeStorage', () => wx.removeStorage({ key })],
    ] as const) {
      expect((await failureOf(call())).errMsg).to.equal(error(name))
    }
    const said = consoleErrors(() => {
      wx.setStorageSync(key, 1)
      wx.removeStorageSync(key)
      expect(wx.getStorageSync(key)).to.equal(undefined)
    })
    expect(said).to.deep.equal([error('setStorageSync'), error('removeStorageSync')])
    expect(wx.getStorageInfoSync().keys).to.deep.equal([])
  })

  it('the storage rejects keys that belong to plugins', async () => {
    // WeChat: Keys starting __plugins__ are rejected (invalid key "…"); hidden from keys
    const wx = phone()
    const key = '__plugins__x'
    const reason = 'invalid key "__plugins__x"'
    expect((await failureOf(wx.setStorage({ key, data: 1 }))).errMsg).to.equal(`setStorage:fail ${reason}`)
    expect((await failureOf(wx.getStorage({ key }))).errMsg).to.equal(`getStorage:fail ${reason}`)
    expect((await failureOf(wx.removeStorage({ key }))).errMsg).to.equal(`removeStorage:fail ${reason}`)
    expect(thrownBy(() => wx.setStorageSync(key, 1)).message).to.equal(`setStorageSync:fail ${reason}`)
    expect(thrownBy(() => wx.getStorageSync(key)).message).to.equal(`getStorageSync:fail ${reason}`)
    expect(thrownBy(() => wx.removeStorageSync(key)).message).to.equal(`removeStorageSync:fail ${reason}`)
  })
})

/** The console errors during `act`. */
function consoleErrors(act: () => void): unknown[] {
  const said: unknown[] = []
  const { error } = console
  console.error = (...words: unknown[]) => said.push(...words)
  try {
    act()
  } finally {
    console.error = error
  }
  return said
}
