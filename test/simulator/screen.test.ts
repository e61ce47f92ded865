import { expect } from 'chai'
import { failureOf, phone } from './phone.js'

describe('what the simulated phone shows', () => {
  it('showToast shows a toast for 1.5 seconds, or as long as it says', async () => {
    // WeChat: duration default 1500, icon default success (typings)
    let now = 0
    const wx = phone({ clock: () => now })
    expect(await wx.showToast({ title: 'Saved' })).to.deep.equal({ errMsg: 'showToast:ok' })
    now = 1499
    expect(wx.devtools.screen().toast).to.deep.equal({ title: 'Saved', icon: 'success' })
    now = 1500
    expect(wx.devtools.screen()).not.to.have.property('toast')
    await wx.showToast({ title: 'Long', icon: 'none', duration: 9000 })
    now = 9000
    expect(wx.devtools.screen().toast).to.deep.equal({ title: 'Long', icon: 'none' })
    await wx.hideToast()
    expect(wx.devtools.screen()).not.to.have.property('toast')
  })

  it('a toast and a loading toast replace each other, and each is hidden by its own function', async () => {
    // WeChat: showLoading and showToast can only show one of them at a time (typings)
    const wx = phone()
    await wx.showLoading({ title: 'Wait' })
    expect(wx.devtools.screen()).to.deep.include({ loading: { title: 'Wait' } })
    await wx.hideToast()
    expect(wx.devtools.screen()).to.have.property('loading')
    await wx.showToast({ title: 'Done' })
    expect(wx.devtools.screen()).not.to.have.property('loading')
    await wx.showLoading({ title: 'Again' })
    await wx.hideLoading()
    expect(wx.devtools.screen()).to.deep.equal({ pages: ['/pages/index/index'] })
  })

  it('a toast without a title fails', async () => {
    // WeChat: parameter error: parameter.key should be String instead of Undefined;
    const wx = phone()
    const failures = [wx.showToast({} as never), wx.showLoading({} as never)] as Promise<unknown>[]
    const reason = 'fail parameter error: parameter.title should be String instead of Undefined;'
    expect((await Promise.all(failures.map(failureOf))).map(({ errMsg }) => errMsg)).to.deep.equal([
      `showToast:${reason}`,
      `showLoading:${reason}`,
    ])
  })

  it('showModal waits for the user’s answer', async () => {
    // WeChat: success gets {confirm, cancel, content}; content with editable (typings)
    const wx = phone()
    let answer: (confirm: boolean) => void = () => {}
    wx.devtools.answerModals(
      () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    )
    const answered = wx.showModal({ title: 'Sure?', content: 'It is for ever' })
    await Promise.resolve()
    expect(wx.devtools.screen().modal).to.deep.equal({ title: 'Sure?', content: 'It is for ever' })
    answer(false)
    expect(await answered).to.deep.equal({
      confirm: false,
      cancel: true,
      content: '',
      errMsg: 'showModal:ok',
    })
    expect(wx.devtools.screen()).not.to.have.property('modal')
  })

  it('showModal is confirmed by a user of whom nothing is said, and gives what the user wrote', async () => {
    const wx = phone()
    expect(await wx.showModal({ title: 'Sure?' })).to.include({ confirm: true, cancel: false })
    wx.devtools.answerModals(() => ({ confirm: true, content: 'Anna' }))
    expect(await wx.showModal({ editable: true })).to.include({ confirm: true, content: 'Anna' })
    expect(await wx.showModal({})).to.include({ content: '' })
    wx.devtools.answerModals(() => false)
    expect(await wx.showModal({ showCancel: false })).to.include({ confirm: true, cancel: false })
  })

  it('the pages are a stack, and every change of it is recorded', async () => {
    const wx = phone({ page: '/pages/home/home' })
    await wx.navigateTo({ url: '../list/list?of=tea' })
    await wx.navigateTo({ url: '/pages/item/item?id=7' })
    expect(wx.devtools.screen().pages).to.deep.equal([
      '/pages/home/home',
      '/pages/list/list?of=tea',
      '/pages/item/item?id=7',
    ])
    await wx.redirectTo({ url: '/pages/pay/pay' })
    await wx.navigateBack()
    await wx.navigateBack({ delta: 9 })
    expect(wx.devtools.screen().pages).to.deep.equal(['/pages/home/home'])
    await wx.reLaunch({ url: '/pages/login/login?back=1' })
    await wx.switchTab({ url: '/pages/me/me' })
    expect(wx.devtools.navigations()).to.deep.equal([
      { by: 'navigateTo', page: '/pages/list/list?of=tea' },
      { by: 'navigateTo', page: '/pages/item/item?id=7' },
      { by: 'redirectTo', page: '/pages/pay/pay' },
      { by: 'navigateBack', page: '/pages/list/list?of=tea' },
      { by: 'navigateBack', page: '/pages/home/home' },
      { by: 'reLaunch', page: '/pages/login/login?back=1' },
      { by: 'switchTab', page: '/pages/me/me' },
    ])
  })

  it('the stack of pages holds ten', async () => {
    // WeChat: the stack of pages has 10 levels at most (typings, navigateTo)
    const wx = phone()
    for (let page = 2; page <= 10; page++) await wx.navigateTo({ url: '/pages/next/next' })
    expect((await failureOf(wx.navigateTo({ url: '/pages/next/next' }))).errMsg).to.match(/^navigateTo:fail/)
    await wx.redirectTo({ url: '/pages/other/other' })
    expect(wx.devtools.screen().pages).to.have.length(10)
  })

  it('a tab has no query, and a page needs a url', async () => {
    // WeChat: switchTab: the path may have no query (typings)
    const wx = phone()
    expect((await failureOf(wx.switchTab({ url: '/pages/me/me?a=b' }))).errMsg).to.match(/^switchTab:fail/)
    expect((await failureOf(wx.redirectTo({} as never))).errMsg).to.equal(
      'redirectTo:fail parameter error: parameter.url should be String instead of Undefined;',
    )
    expect((await failureOf(wx.reLaunch({ url: '' }))).errMsg).to.match(/^reLaunch:fail/)
    expect(wx.devtools.navigations()).to.deep.equal([])
  })
})
