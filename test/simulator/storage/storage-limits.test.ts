import type { KeyValue, Wx } from '@r3session/wx-simulator'
import { expect } from 'chai'
import { failureOf, phone, thrownBy, webStorage } from '../phone.js'

const MB = 1024 * 1024
const OVER = /exceed|quota|limit/

describe('the limits of the simulated storage', () => {
  // WeChat: Limit 1 MB per key, 10 MB in total per user and mini program; Over-limit strings seen: ... Match with
  // /exceed|quota|limit/; sync: thrown Error whose message contains setStorageSync:fail
  it('a key holds at most 1 MB, and a failed write keeps the old value', async () => {
    // WeChat: A failed set leaves the old value
    const wx = phone()
    wx.setStorageSync('key', 'x'.repeat(MB))
    const { errMsg } = await failureOf(wx.setStorage({ key: 'key', data: 'y'.repeat(MB + 1) }))
    expect(errMsg)
      .to.match(/^setStorage:fail /)
      .and.match(OVER)
    const { message } = thrownBy(() => wx.setStorageSync('key', '猪'.repeat(MB / 3 + 1)))
    expect(message)
      .to.match(/setStorageSync:fail /)
      .and.match(OVER)
    expect(wx.getStorageSync('key')).to.equal('x'.repeat(MB))
  })

  it('the storage holds at most 10 MB: ten values of 1 MB and nothing more', async () => {
    const wx = phone()
    fill(wx, 10 * MB - 2)
    wx.setStorageSync('ab', 'xy')
    expect(wx.getStorageInfoSync()).to.include({ currentSize: 10240, limitSize: 10240 })
    const { errMsg } = await failureOf(wx.setStorage({ key: 'c', data: 'z' }))
    expect(errMsg)
      .to.match(/^setStorage:fail /)
      .and.match(OVER)
    expect(wx.getStorageInfoSync().keys).to.not.include('c')
    wx.setStorageSync('ab', 'zz')
    wx.removeStorageSync('ab')
    wx.setStorageSync('c', 'z')
  })

  it('the storage limits apply to a batch as a whole', async () => {
    const wx = phone()
    const kvList = Array.from({ length: 11 }, (_, index) => ({ key: `${index}`, value: 'x'.repeat(MB - 9) }))
    expect((await failureOf(wx.batchSetStorage({ kvList }))).errMsg)
      .to.match(/^batchSetStorage:fail /)
      .and.match(OVER)
    expect(wx.getStorageInfoSync().keys).to.deep.equal([])
    wx.batchSetStorageSync(kvList.slice(1))
    expect(wx.getStorageInfoSync().keys).to.have.lengthOf(10)
  })

  it('encrypted values reach the storage limits sooner', async () => {
    // WeChat: ~1.4× growth → 0.7 MB per key, 7.1 MB total
    const wx = phone()
    await wx.setStorage({ key: 'key', data: 'x'.repeat(0.7 * MB), encrypt: true })
    expect(wx.getStorageInfoSync().currentSize).to.equal(Math.ceil(0.7 * 1.4 * 1024))
    const { errMsg } = await failureOf(
      wx.setStorage({ key: 'key', data: 'x'.repeat(0.72 * MB), encrypt: true }),
    )
    expect(errMsg).to.match(OVER)
    fill(wx, 10 * MB - 0.98 * MB - 2000)
    expect(
      (await failureOf(wx.setStorage({ key: 'k', data: 'x'.repeat(2000), encrypt: true }))).errMsg,
    ).to.match(OVER)
  })
})

describe('the simulated storage over a WebStorage', () => {
  it('stored data is there for another wx of the same user and mini program', () => {
    const { storage } = webStorage()
    phone({ storage }).setStorageSync('key', [1])
    expect(phone({ storage }).getStorageSync('key')).to.deep.equal([1])
  })

  it('users and mini programs have separate stored data', () => {
    // WeChat: data isolated per WeChat user and per mini program; clearStorage clears only this mini program's (this
    // user's) data
    const { storage } = webStorage()
    const owners = [{}, { user: 'anna' }, { appid: 'wx2' }, { user: 'demo/key' }, { appid: `wx2/demo` }]
    const phones = owners.map((owner) => phone({ storage, ...owner }))
    phones.forEach((wx, index) => {
      wx.setStorageSync('key', index)
    })
    expect(phones.map((wx) => wx.getStorageSync('key'))).to.deep.equal([0, 1, 2, 3, 4])
    expect(phones.map((wx) => wx.getStorageInfoSync().keys)).to.deep.equal(phones.map(() => ['key']))
    phones[1]?.clearStorageSync()
    expect(phones.map((wx) => wx.getStorageSync('key'))).to.deep.equal([0, '', 2, 3, 4])
  })

  it('each user in each mini program has 10 MB of storage', () => {
    const { storage } = webStorage()
    const anna = phone({ storage, user: 'anna' })
    fill(anna, 10 * MB)
    phone({ storage, user: 'ben' }).setStorageSync('key', 'value')
    expect(thrownBy(() => anna.setStorageSync('key', 'value')).message).to.match(OVER)
  })

  it('the storage does not touch other data in the WebStorage', () => {
    const { storage, items } = webStorage()
    items.set('theme', 'dark')
    const wx = phone({ storage })
    wx.setStorageSync('key', 1)
    wx.clearStorageSync()
    expect([...items]).to.deep.equal([['theme', 'dark']])
  })

  it('a damaged record counts as missing and can be overwritten and cleared', async () => {
    const { storage, items } = webStorage()
    const wx = phone({ storage })
    await wx.setStorage({ key: 'plain', data: 1 })
    await wx.setStorage({ key: 'sealed', data: 1, encrypt: true })
    const [plain = '', sealed = ''] = items.keys()
    items.set(plain, 'nonsense')
    for (const damaged of ['Number,1,2,encrypted;%', 'Number,1,2,encrypted;AAAA', 'Number,1,2,encrypted;']) {
      items.set(sealed, damaged)
      expect((await failureOf(wx.getStorage({ key: 'sealed', encrypt: true }))).errMsg).to.equal(
        'getStorage:fail data not found',
      )
    }
    expect(wx.getStorageSync('plain')).to.equal('')
    expect(wx.getStorageInfoSync().keys).to.deep.equal(['sealed'])
    wx.setStorageSync('plain', 2)
    expect(wx.getStorageSync('plain')).to.equal(2)
    items.set(plain, 'nonsense')
    wx.clearStorageSync()
    expect(items.size).to.equal(0)
  })

  it('a record that is no longer valid JSON is read as an empty string', () => {
    const { storage, items } = webStorage()
    const wx = phone({ storage })
    wx.setStorageSync('key', { a: 1 })
    const [name = ''] = items.keys()
    items.set(name, 'Object,7,1;{"a":')
    expect(wx.getStorageSync('key')).to.equal('')
  })

  it('the storage hides the keys of plugins', () => {
    // WeChat: Keys starting __plugins__ are rejected ...; hidden from keys
    const { storage, items } = webStorage()
    const wx = phone({ storage })
    wx.setStorageSync('key', 1)
    const [name = ''] = items.keys()
    items.set(name.replace(/key$/, '__plugins__wx1'), 'Number,1,2;1')
    expect(wx.getStorageInfoSync().keys).to.deep.equal(['key'])
  })

  it('a write fails if the WebStorage is full, and changes nothing', async () => {
    const { storage, broken } = webStorage()
    const wx = phone({ storage })
    wx.setStorageSync('a', 'old')
    broken.error = new DOMException('Setting the value exceeded the quota.', 'QuotaExceededError')
    broken.after = 1
    const kvList = [
      { key: 'a', value: 'new' },
      { key: 'b', value: 'new' },
    ]
    expect(await failureOf(wx.batchSetStorage({ kvList }))).to.deep.equal({
      errMsg: 'batchSetStorage:fail exceed storage max size',
    })
    expect(wx.batchGetStorageSync(['a', 'b'])).to.deep.equal(['old', ''])
  })

  it('a write fails if the WebStorage can’t write, and keeps the old values', () => {
    // WeChat: setStorageSync:fail write DB data fail for disk errors; A failed set leaves the old value
    const { storage } = webStorage()
    const wx = phone({ storage })
    wx.setStorageSync('key', 'old')
    storage.setItem = () => {
      throw new Error('the disk is gone')
    }
    expect(thrownBy(() => wx.setStorageSync('key', 1)).message).to.equal(
      'setStorageSync:fail write DB data fail: the disk is gone',
    )
    expect(wx.getStorageSync('key')).to.equal('old')
  })

  it('no old value is lost if the WebStorage fails for good during a batch', async () => {
    const { storage } = webStorage()
    const wx = phone({ storage })
    wx.batchSetStorageSync(['a', 'b'].map((key) => ({ key, value: 'old' })))
    const { setItem } = storage
    storage.setItem = (name, value) => {
      setItem(name, value)
      storage.setItem = () => {
        throw new Error('the disk is gone')
      }
    }
    const kvList = ['a', 'b'].map((key) => ({ key, value: 'new' }))
    expect((await failureOf(wx.batchSetStorage({ kvList }))).errMsg).to.equal(
      'batchSetStorage:fail write DB data fail: the disk is gone',
    )
    expect(wx.batchGetStorageSync(['a', 'b'])).to.deep.equal(['new', 'old'])
  })

  it('reading fails if the WebStorage can’t be read', async () => {
    const { storage } = webStorage()
    storage.getItem = () => {
      throw new Error('access denied')
    }
    const wx = phone({ storage })
    expect((await failureOf(wx.getStorage({ key: 'key' }))).errMsg).to.equal('getStorage:fail access denied')
    expect(thrownBy(() => wx.getStorageSync('key')).message).to.equal('access denied')
  })

  it('many single writes take linear time, whoever else uses the WebStorage', () => {
    const { storage } = webStorage()
    let looked = 0
    const { key } = storage
    storage.key = (index) => {
      looked += 1
      return key(index)
    }
    const [anna, ben] = [phone({ storage, user: 'anna' }), phone({ storage, user: 'ben' })]
    for (let n = 0; n < 1000; n++) {
      anna.setStorageSync(`key ${n}`, n)
      ben.setStorageSync(`key ${n}`, n)
      anna.removeStorageSync(`key ${n - 10}`)
    }
    expect(looked).to.be.lessThan(100)
    expect(anna.getStorageInfoSync().keys).to.have.lengthOf(10)
  })

  it('the limit of 10 MB counts what another tab has written', async () => {
    const { storage, items } = webStorage()
    const wx = phone({ storage })
    fill(wx, 5 * MB)
    // Another tab has its own program, which knows nothing of this one.
    const elsewhere = webStorage()
    const other = phone({ storage: elsewhere.storage })
    fill(other, 10 * MB)
    for (const [name, value] of elsewhere.items) items.set(name, value)
    expect((await failureOf(wx.setStorage({ key: 'more', data: 'x'.repeat(MB) }))).errMsg).to.equal(
      'setStorage:fail the storage limit is 10MB',
    )
  })

  it('the storage is fast with many keys', () => {
    const wx = phone()
    wx.batchSetStorageSync(Array.from({ length: 20_000 }, (_, index) => ({ key: `k${index}`, value: index })))
    expect(wx.getStorageInfoSync().keys).to.have.lengthOf(20_000)
  })
})

/** Has the storage hold so many bytes more. */
function fill(wx: Wx, bytes: number): void {
  const kvList: KeyValue[] = []
  for (let left = bytes; left > 0; left -= MB) {
    kvList.push({ key: `fill${kvList.length}`, value: 'x'.repeat(Math.min(left, MB)) })
  }
  wx.batchSetStorageSync(kvList)
}
