import { createWx } from '@r3session/wx-simulator'
import { expect } from 'chai'
import { demoApp } from '#src/sandbox/index.js'
import type { Playground } from '../support/page/playground-page.js'
import { usePlaygrounds } from '../support/page/use-playgrounds.js'

describe('the playground', function () {
  this.timeout(60_000)
  const open = usePlaygrounds()
  let playground: Playground
  beforeEach(async () => {
    playground = await open()
  })

  const lastLine = () => playground.page.locator('#console li').last().textContent()

  it('two clicks on the playground give decrypted user info, and every step is drawn in order', async () => {
    expect(await playground.suggested()).to.equal('login')
    await playground.press('login')
    expect(await playground.suggested()).to.equal('userInfo')
    await playground.press('userInfo')

    expect(await playground.text('#result')).to.match(/微信用户openIdo[\w-]{27}unionIdo[\w-]{27}/)
    const steps = (await playground.steps()).map((label) => label.replace(/ 0\w{5}…| \w{4}…\w{4}/, ''))
    expect(steps).to.deep.equal([
      'wx.getStorage r3session (encrypt): data not found',
      'wx.getStorage r3session: data not found',
      'wx.login',
      'code',
      'POST /v1/login',
      'GET /sns/jscode2session',
      'openid, session_key',
      '201 r3session',
      'wx.setStorage r3session (encrypt)',
      'wx.getUserInfo',
      'encryptedData, iv',
      'POST /v1/decrypt',
      '200 {openId, nickName, …}',
    ])
  })

  it('an arrow on the playground opens its details', async () => {
    await playground.press('login')
    const arrow = playground.page.locator('#steps .step', { hasText: 'GET /sns/jscode2session' })
    const detail = arrow.locator('.detail')
    expect(await detail.isVisible()).to.equal(false)
    await arrow.locator('button').click()
    expect(await detail.textContent())
      .to.contain('"grant_type": "authorization_code"')
      .and.not.contain(demoApp.secret)
    await arrow.locator('button').click()
    expect(await detail.isVisible()).to.equal(false)
  })

  it('the console shows the code of every button and its result', async () => {
    const said = async (action: string) => {
      await playground.press(action)
      const [code, value] = (await playground.texts('#console :is(.code pre, summary, span.value)')).slice(-2)
      return { code, value }
    }
    expect(await said('login')).to.deep.equal({ code: 'await client.login()', value: '{expiresIn: 259200}' })
    const user = await said('userInfo')
    expect(user.code).to.contain('await client.decrypt(sealed)')
    expect(user.value).to.match(/^\{openId: 'o/)
    const api = await said('api')
    expect(api.code).to.equal("await client.request({ url: '/sandbox/api' })")
    expect(api.value).to.contain("X-WX-SOURCE: 'wx_client'")
    const stored = await said('storage')
    expect(stored.code).to.equal('await wx.getStorageInfo()')
    expect(stored.value).to.contain("keys: ['r3session'], currentSize: 1, limitSize: 10240")
    const end = await said('logout')
    expect(end).to.deep.equal({ code: 'await client.logout()', value: 'undefined' })
    expect(await playground.text('#result')).to.contain('Logged out')
  })

  it('the playground asks the user for the phone number, and the user can refuse', async () => {
    const { page } = playground
    await page.click('[data-action="phoneNumber"]')
    expect(await page.locator('#sheet').isVisible()).to.equal(true)
    await page.click('#allow')
    await playground.idle()
    expect(await playground.text('#result')).to.match(/\+86 138\d{8}/)
    expect(await playground.steps()).to.include('POST /wxa/business/getuserphonenumber')

    await page.click('[data-action="phoneNumber"]')
    await page.keyboard.press('Escape')
    await playground.idle()
    expect(await playground.text('#result')).to.contain('You said no')
    expect(await lastLine()).to.contain('user deny')
    expect(await page.locator('#sheet').isVisible()).to.equal(false)
  })

  it('the Network panel shows requests with headers and bodies, but no complete token', async () => {
    await playground.press('login')
    await playground.press('api')
    await playground.page.click('#tab-network')
    const cells = await playground.texts('#network .request span:not(:last-child)')
    expect(cells).to.deep.equal(['/v1/login', 'POST', '201', '/sandbox/api', 'GET', '200'])
    await playground.page.click('#network li:last-child .request')
    const detail = await playground.text('#network li:last-child .detail')
    expect(detail)
      .to.contain('X-WX-OPENID')
      .and.match(/"Bearer [0-9a-f]{4}…[0-9a-f]{4}"/)
    expect(await playground.evaluate('document.body.textContent')).to.not.match(/[0-9a-f]{128}/)
  })

  it('the Storage panel shows what the simulator has stored', async () => {
    await playground.press('login')
    await playground.page.click('#tab-storage')
    const items = await playground.evaluate<Record<string, string>>('({ ...localStorage })')
    const names = Object.keys(items)
    const storage = {
      length: names.length,
      key: (index: number) => names[index] ?? null,
      getItem: (name: string) => items[name] ?? null,
      setItem() {},
      removeItem() {},
    }
    const { appid } = demoApp
    const { entries, currentSize, limitSize } = createWx({
      appid,
      weixin: playground.service.url,
      storage,
    }).devtools.storage()

    expect(entries).to.have.lengthOf(1)
    const rows = await playground.page.locator('#storage tr').all()
    const shown = await Promise.all(rows.map((row) => row.locator('th, td').allTextContents()))
    expect(shown).to.deep.equal(entries.map(({ key, value, type }) => [key, value, type]))
    expect(await playground.text('.sizes dd')).to.equal(`${currentSize} KB ${limitSize} KB`)

    await playground.press('logout')
    expect(await playground.page.locator('#storage tr').count()).to.equal(0)
  })

  it('the Server panel shows the sessions and keys in the service, also of the second device', async () => {
    await playground.press('login')
    await playground.page.click('#tab-server')
    expect(await playground.text('#server'))
      .to.contain('Sessions of this user (1)')
      .and.contain('sealed data will open')
    await playground.page.click('#second-device')
    await playground.idle()
    expect(await playground.text('#server')).to.contain('Sessions of this user (2)')
    expect(await playground.texts('#lanes span')).to.deep.equal(['Phone 2', 'Phone', 'Service', 'WeChat'])
    await playground.press('logout')
    expect(await playground.text('#server')).to.equal('')
  })
})
