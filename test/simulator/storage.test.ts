import { expect } from 'chai'
import { failureOf, phone, thrownBy } from './phone.js'

const pig = { name: 'smallerpig', sex: 1, age: 18 }

describe('the simulated storage (C.2)', () => {
  it('says how it went as WeChat does', async () => {
    // C.2: "ok strings: setStorage:ok, getStorage:ok (+data), getStorageInfo:ok, removeStorage:ok, clearStorage:ok, ..."
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

  it('replaces what a key held, value and type', () => {
    const wx = phone()
    wx.setStorageSync('key', pig)
    wx.setStorageSync('key', 'value')
    expect(wx.getStorageSync('key')).to.equal('value')
    expect(wx.getStorageInfoSync().keys).to.deep.equal(['key'])
  })

  it('fails for a key that holds nothing, or gives an empty string where it is synchronous', async () => {
    // C.2: "getStorageSync(missing) → ""; getStorage(missing) → fail getStorage:fail data not found"
    const wx = phone()
    expect(wx.getStorageSync('nothing')).to.equal('')
    expect(await failureOf(wx.getStorage({ key: 'nothing' }))).to.deep.equal({
      errMsg: 'getStorage:fail data not found',
    })
  })

  it('removes a key, and succeeds where there is none', async () => {
    // C.2: "removeStorage of a missing key succeeds (removeStorage:ok)"
    const wx = phone()
    wx.setStorageSync('key', 1)
    wx.setStorageSync('other', 2)
    wx.removeStorageSync('key')
    wx.removeStorageSync('key')
    await wx.removeStorage({ key: 'key' })
    expect(wx.getStorageInfoSync().keys).to.deep.equal(['other'])
  })

  it('clears everything', async () => {
    const wx = phone()
    wx.setStorageSync('key', 1)
    await wx.clearStorage()
    expect(wx.getStorageInfoSync().keys).to.deep.equal([])
    wx.setStorageSync('key', 1)
    wx.clearStorageSync()
    expect(wx.getStorageSync('key')).to.equal('')
  })

  it('tells its keys and sizes in KB, without an errMsg where it is synchronous', () => {
    // C.2: "getStorageInfo(Sync) → {keys: string[], currentSize: KB, limitSize: KB}; limitSize 10240; the sync form has no errMsg"
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

  it('counts values in bytes of UTF-8', () => {
    const wx = phone()
    wx.setStorageSync('小', `${'猪'.repeat(341)}x`)
    expect(wx.getStorageInfoSync().currentSize).to.equal(1)
    wx.setStorageSync('小', `${'猪'.repeat(341)}xx`)
    expect(wx.getStorageInfoSync().currentSize).to.equal(2)
  })

  it('lists its keys in the order in which they came', () => {
    const wx = phone()
    wx.batchSetStorageSync(['c', 'a', 'b', 'd'].map((key) => ({ key, value: 1 })))
    wx.setStorageSync('a', 'again')
    wx.removeStorageSync('c')
    wx.setStorageSync('c', 'new')
    expect(wx.getStorageInfoSync().keys).to.deep.equal(['a', 'b', 'd', 'c'])
    expect(wx.devtools.storage().entries.map(({ key }) => key)).to.deep.equal(['a', 'b', 'd', 'c'])
  })

  it('takes any string for a key', () => {
    const wx = phone()
    for (const key of ['', ' ', '小猪', '\ud83d', '__proto__', 'a/b,1;c']) {
      wx.setStorageSync(key, key)
      expect(wx.getStorageSync(key)).to.equal(key)
    }
    expect(wx.getStorageInfoSync().keys).to.have.lengthOf(6)
  })

  it('complains of a key that is no string: by fail, or in the console', async () => {
    // C.2: "Non-string key: async fail parameter error: ...; sync setStorageSync calls the fail path (console error) and
    // returns without storing; getStorageSync(nonString) returns undefined"
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

  it('rejects the keys that belong to plugins', async () => {
    // C.2: "Keys starting __plugins__ are rejected (invalid key "…"); hidden from keys"
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

  describe('in batches', () => {
    // C.2: "batchSetStorage({kvList:[{key,value}]}), batchSetStorageSync([{key,value}]) (a bare array),
    // batchGetStorage({keyList}), batchGetStorageSync(keys[]) → array in the order asked. Property is value, not data"
    it('takes a list of keys and values, and gives values in the order asked', async () => {
      const wx = phone()
      wx.batchSetStorageSync([
        { key: 'a', value: 1 },
        { key: 'b', value: pig },
        { key: 'a', value: 'last' },
      ])
      expect(wx.batchGetStorageSync(['b', 'a', 'b'])).to.deep.equal([pig, 'last', pig])
      await wx.batchSetStorage({ kvList: [{ key: 'c', value: null }] })
      expect((await wx.batchGetStorage({ keyList: ['c', 'a'] })).dataList).to.deep.equal([null, 'last'])
      expect(wx.batchGetStorageSync([])).to.deep.equal([])
    })

    it('gives an empty string for a key that holds nothing', async () => {
      // C.2: "Missing keys in batchGetStorageSync: undocumented; "" per key is consistent with getStorageSync"
      const wx = phone()
      expect(wx.batchGetStorageSync(['nothing'])).to.deep.equal([''])
      expect((await wx.batchGetStorage({ keyList: ['nothing'] })).dataList).to.deep.equal([''])
    })

    it('stores nothing of a list that it can not store whole', async () => {
      const wx = phone()
      const bad = [{ key: 'a', value: 1 }, { value: 2 }] as never
      expect((await failureOf(wx.batchSetStorage({ kvList: bad }))).errMsg).to.match(
        /^batchSetStorage:fail parameter error/,
      )
      expect(thrownBy(() => wx.batchSetStorageSync(bad)).message).to.match(/^batchSetStorageSync:fail/)
      expect(wx.getStorageInfoSync().keys).to.deep.equal([])
    })

    it('says what it wants where it gets something else', async () => {
      const wx = phone()
      expect((await failureOf(wx.batchSetStorage({} as never))).errMsg).to.equal(
        'batchSetStorage:fail parameter error: parameter.kvList should be Array instead of Undefined;',
      )
      expect((await failureOf(wx.batchGetStorage({ keyList: 'a' } as never))).errMsg).to.equal(
        'batchGetStorage:fail parameter error: parameter.keyList should be Array instead of String;',
      )
      expect((await failureOf(wx.batchSetStorage({ kvList: [null] as never }))).errMsg).to.equal(
        'batchSetStorage:fail parameter error: parameter.kvList[] should be Object instead of Null;',
      )
      expect(thrownBy(() => wx.batchSetStorageSync({ kvList: [] } as never)).message).to.equal(
        'batchSetStorageSync:fail parameter error: parameter should be Array instead of Object;',
      )
      expect(thrownBy(() => wx.batchGetStorageSync([7] as never)).message).to.equal(
        'batchGetStorageSync:fail parameter error: parameter.key should be String instead of Number;',
      )
    })
  })

  describe('with encrypt', () => {
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
      expect((await failureOf(wx.getStorage({ key: 'key' }))).errMsg).to.equal(
        'getStorage:fail data not found',
      )
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
})

/** What is said in the console meanwhile. */
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
