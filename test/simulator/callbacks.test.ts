import { expect } from 'chai'
import { failureOf, nextUncaught, phone } from './phone.js'

describe('the functions of the simulated wx (C.1)', () => {
  it('tell success and then complete, each with the same answer', async () => {
    // C.1: "Async API takes one object with success, fail, complete; each gets {errMsg: ...}; complete runs after either"
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

  it('pass over callbacks that are no functions', async () => {
    const odd = { success: 'text', fail: 1 } as never
    const answer = await new Promise((complete) => {
      phone().setStorage({ key: 'key', data: 'value', ...(odd as object), complete })
    })
    expect(answer).to.deep.equal({ errMsg: 'setStorage:ok' })
  })

  it('tell fail and then complete', async () => {
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

  it('give a promise when there is no callback, of what success or fail would get', async () => {
    // C.1: "Since base library 2.10.2: if none of the three callbacks is given a promise is returned"
    const wx = phone()
    expect(await wx.setStorage({ key: 'key', data: 1 })).to.deep.equal({ errMsg: 'setStorage:ok' })
    expect(await failureOf(wx.getStorage({ key: 'nothing' }))).to.deep.equal({
      errMsg: 'getStorage:fail data not found',
    })
  })

  it('give undefined when there is any callback', () => {
    // C.1: "with any callback the return value is undefined"
    const wx = phone()
    expect(wx.setStorage({ key: 'key', data: 1, success() {} })).to.equal(undefined)
    expect(wx.setStorage({ key: 'key', data: 1, fail() {} })).to.equal(undefined)
    expect(wx.getStorageInfo({ complete() {} })).to.equal(undefined)
  })

  it('give promises for login and getUserInfo too', async () => {
    // C.1: "Simulator: return promises for login/getUserInfo too"
    const wx = phone()
    for (const promise of [wx.login(), wx.checkSession(), wx.getUserInfo()]) {
      expect(promise).to.be.a('promise')
      expect((await failureOf(promise)).errMsg).to.match(/^\w+:fail /)
    }
  })

  it('never promise a request, which returns its task', () => {
    // C.1: "Exceptions that have their own return value and are *not* promisified: request ..."
    const task = phone().request({ url: 'nowhere' })
    expect(task).to.include.keys('abort', 'onHeadersReceived', 'offHeadersReceived', 'onChunkReceived')
    expect(task).to.not.have.property('then')
  })

  it('call back after they have returned, never before', async () => {
    // C.1: "Callbacks are asynchronous (never before the call returns)"
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

  it('have done their work when they return, whenever they call back', () => {
    const wx = phone()
    wx.setStorage({ key: 'key', data: 'value', success() {} })
    expect(wx.getStorageSync('key')).to.equal('value')
  })

  it('fail for bad parameters and throw nothing, where they are asynchronous', async () => {
    // C.1: "async ones never throw synchronously, bad parameters go to fail: ..."
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

  it('run complete though success throws, and leave the error as loud as it was', async () => {
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

  it('add the errno of newer libraries where WeChat has one', async () => {
    // C.1: "Newer failures also carry errno (number)"
    expect(await failureOf(phone().login())).to.include({ errno: 600001 })
  })

  it('leave the data as it was when they were called', async () => {
    const wx = phone()
    const data = { name: 'before' }
    const stored = wx.setStorage({ key: 'key', data })
    data.name = 'after'
    await stored
    expect(wx.getStorageSync('key')).to.deep.equal({ name: 'before' })
  })
})
