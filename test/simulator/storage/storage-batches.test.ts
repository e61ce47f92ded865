import { expect } from 'chai'
import { failureOf, phone, thrownBy } from '../phone.js'

const pig = { name: 'smallerpig', sex: 1, age: 18 }

describe('the batch functions of the simulated storage', () => {
  // WeChat: batchSetStorage({kvList:[{key,value}]}), batchSetStorageSync([{key,value}]) (a bare array),
  // batchGetStorage({keyList}), batchGetStorageSync(keys[]) → array in the order asked. Property is value, not data
  it('batch functions store a list, and give values in the order of the keys', async () => {
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

  it('batch functions give an empty string for a missing key', async () => {
    // WeChat: Missing keys in batchGetStorageSync: undocumented; "" per key is consistent with getStorageSync
    const wx = phone()
    expect(wx.batchGetStorageSync(['nothing'])).to.deep.equal([''])
    expect((await wx.batchGetStorage({ keyList: ['nothing'] })).dataList).to.deep.equal([''])
  })

  it('batch functions store nothing of a list if one entry is invalid', async () => {
    const wx = phone()
    const bad = [{ key: 'a', value: 1 }, { value: 2 }] as never
    expect((await failureOf(wx.batchSetStorage({ kvList: bad }))).errMsg).to.match(
      /^batchSetStorage:fail parameter error/,
    )
    expect(thrownBy(() => wx.batchSetStorageSync(bad)).message).to.match(/^batchSetStorageSync:fail/)
    expect(wx.getStorageInfoSync().keys).to.deep.equal([])
  })

  it('batch functions name the expected type of an invalid parameter', async () => {
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
