import { expect } from 'chai'
import { failureOf, nextUncaught, phone } from './phone.js'

describe('the functions of the simulated wx', () => {
  it('wx functions call success and then complete, with the same result', async () => {
    // WeChat: Async API takes one object with success, fail, complete; each gets {errMsg: ...}; complete runs after
    // either
    const heard: unknown[] = []
    await new Promise<void>((resolve) => {
      phone().setStorage({
        key: 'key',
        data: 'value',
        success: (result) => heard.push(['success', result]),
        fail: () => heard.push('fail'),
        complete: (answer) => {
          heard.push(['complete', answer])
          resolve()
        },
      })
    })
    const answer = { errMsg: 'setStorage:ok' }
    expect(heard).to.deep.equal([
      ['success', answer],
      ['complete', answer],
    ])
  })

  it('wx functions ignore callbacks that are not functions', async () => {
    const odd = { success: 'text', fail: 1 } as never
    const answer = await new Promise((complete) => {
      phone().setStorage({ key: 'key', data: 'value', ...(odd as object), complete })
    })
    expect(answer).to.deep.equal({ errMsg: 'setStorage:ok' })
  })

  it('wx functions call fail and then complete', async () => {
    const heard: unknown[] = []
    await new Promise<void>((resolve) => {
      phone().getStorage({
        key: 'nothing',
        success: () => heard.push('success'),
        fail: (failure) => heard.push(['fail', failure]),
        complete: (answer) => {
          heard.push(['complete', answer])
          resolve()
        },
      })
    })
    const failure = { errMsg: 'getStorage:fail data not found' }
    expect(heard).to.deep.equal([
      ['fail', failure],
      ['complete', failure],
    ])
  })

  it('wx functions without a callback return a promise of the same result or failure', async () => {
    // WeChat: Since base library 2.10.2: if none of the three callbacks is given a promise is returned
    const wx = phone()
    expect(await wx.setStorage({ key: 'key', data: 1 })).to.deep.equal({ errMsg: 'setStorage:ok' })
    expect(await failureOf(wx.getStorage({ key: 'nothing' }))).to.deep.equal({
      errMsg: 'getStorage:fail data not found',
    })
  })

  it('wx functions with any callback return undefined', () => {
    // WeChat: with any callback the return value is undefined
    const wx = phone()
    expect(wx.setStorage({ key: 'key', data: 1, success() {} })).to.equal(undefined)
    expect(wx.setStorage({ key: 'key', data: 1, fail() {} })).to.equal(undefined)
    expect(wx.getStorageInfo({ complete() {} })).to.equal(undefined)
  })

  it('wx.login and wx.getUserInfo return promises, too', async () => {
    // In WeChat login and getUserInfo return promises, too.
    const wx = phone()
    for (const promise of [wx.login(), wx.checkSession(), wx.getUserInfo()]) {
      expect(promise).to.be.a('promise')
      expect((await failureOf(promise)).errMsg).to.match(/^\w+:fail /)
    }
  })

  it('wx.request never returns a promise, but its task', () => {
    // WeChat: Exceptions that have their own return value and are *not* promisified: request ...
    const task = phone().request({ url: 'nowhere' })
    expect(task).to.include.keys('abort', 'onHeadersReceived', 'offHeadersReceived', 'onChunkReceived')
    expect(task).to.not.have.property('then')
  })

  it('wx functions call back only after they have returned', async () => {
    // WeChat: Callbacks are asynchronous (never before the call returns)
    const wx = phone()
    const late: boolean[] = []
    let returned = false
    const called = Promise.all([
      new Promise<void>((resolve) => {
        wx.removeStorage({ key: 'k', success: () => late.push(returned), complete: () => resolve() })
      }),
      new Promise<void>((resolve) => {
        wx.request({ url: 'nowhere', fail: () => late.push(returned), complete: () => resolve() })
      }),
    ])
    returned = true
    await called
    expect(late).to.deep.equal([true, true])
  })

  it('storage functions have done their work when they return', () => {
    const wx = phone()
    wx.setStorage({ key: 'key', data: 'value', success() {} })
    expect(wx.getStorageSync('key')).to.equal('value')
  })

  it('asynchronous wx functions call fail for invalid parameters and do not throw', async () => {
    // WeChat: async ones never throw synchronously, bad parameters go to fail: ...
    const wx = phone()
    expect(await failureOf(wx.setStorage({ data: 1 } as never))).to.deep.equal({
      errMsg: 'setStorage:fail parameter error: parameter.key should be String instead of Undefined;',
    })
    expect(await failureOf(wx.getStorage('key' as never))).to.deep.equal({
      errMsg: 'getStorage:fail parameter error: parameter should be Object instead of String;',
    })
    expect((await failureOf(wx.removeStorage(undefined as never))).errMsg).to.include('instead of Undefined')
    expect((await failureOf(wx.removeStorage(null as never))).errMsg).to.include('instead of Undefined')
  })

  it('complete runs even if success throws, and the error stays uncaught', async () => {
    const mishap = new Error('a mishap in the mini program')
    const uncaught = nextUncaught()
    let completed = false
    phone().setStorage({
      key: 'key',
      data: 1,
      success() {
        throw mishap
      },
      complete() {
        completed = true
      },
    })
    expect(await uncaught).to.equal(mishap)
    expect(completed).to.equal(true)
  })

  it('failures have the errno of newer libraries if WeChat has one', async () => {
    // WeChat: Newer failures also carry errno (number)
    expect(await failureOf(phone().login())).to.include({ errno: 600001 })
  })

  it('wx.setStorage stores the data as it was when it was called', async () => {
    const wx = phone()
    const data = { name: 'before' }
    const stored = wx.setStorage({ key: 'key', data })
    data.name = 'after'
    await stored
    expect(wx.getStorageSync('key')).to.deep.equal({ name: 'before' })
  })
})
