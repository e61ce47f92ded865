import { expect } from 'chai'
import type { BrowserContextOptions } from 'playwright-core'
import type { Playground } from '../support/page/playground-page.js'
import { usePlaygrounds } from '../support/page/use-playgrounds.js'

/** Finds texts with a contrast below 4.5, WCAG's AA. Runs in the page. */
const FAINT = `(() => {
  const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number)
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor)
      if (colour.length === 3) return colour
    }
    return numbers(getComputedStyle(document.documentElement).backgroundColor).slice(0, 3)
  }
  return [...document.querySelectorAll('body *')]
    .filter((element) => element.checkVisibility() && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .filter((element) => !element.closest('[aria-disabled="true"]'))
    .map((element) => {
      const pair = [light(numbers(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a)
      return { text: element.textContent.slice(0, 40), contrast: (pair[0] + 0.05) / (pair[1] + 0.05) }
    })
    .filter(({ contrast }) => contrast < 4.5)
})()`

/** Finds elements that overflow the phone or their card. Runs in the page. */
const CUT_OFF = `[...document.querySelectorAll('.actions button, .lane, [role=tab]')].filter((element) => {
  const frame = element.closest('.phone, .card').getBoundingClientRect()
  const { left, right } = element.getBoundingClientRect()
  return left < frame.left || right > frame.right
}).map((element) => element.textContent)`

describe('the page of the playground', function () {
  this.timeout(60_000)
  const openAnother = usePlaygrounds()
  let playground: Playground
  const open = async (options: BrowserContextOptions = {}) => {
    playground = await openAnother(options)
    return playground
  }

  it('the playground uses the browser’s language, can switch it, and remembers the choice', async () => {
    const { page, evaluate, texts, text, press } = await open({ locale: 'zh-CN' })
    await press('login')
    const all = '[data-text], .title, [data-story], #lanes span, #result, #story'
    const chinese = await texts(all)
    expect(await evaluate('document.documentElement.lang')).to.equal('zh-CN')
    expect(await text('#result')).to.contain('已登录')
    await page.click('#language')
    const english = await texts(all)
    expect(await evaluate('document.documentElement.lang')).to.equal('en')
    expect([...chinese, ...english].filter((one) => one.trim() === '')).to.deep.equal([])
    expect(english.join()).to.not.match(/(?!中文)\p{Script=Han}{3,}/u)
    await page.reload()
    expect(await page.title()).to.equal('r3session playground')
    expect(await texts('.title')).to.include('Log in')
  })

  it('the playground finds the token after a reload, without another login', async () => {
    const { page, press, idle, steps, text } = await open()
    await press('login')
    await page.reload()
    await idle()
    expect(await text('#result')).to.contain('Logged in. The session ends in 3 days')
    await page.click('#tab-server')
    expect(await text('#server')).to.contain('Sessions of this user (1)')
    await page.click('#tab-storage')
    expect(await text('#storage th')).to.equal('r3session')
    await press('api')
    expect(await steps())
      .to.include('GET /sandbox/api')
      .and.not.include('wx.login')
    expect(await text('#result')).to.contain('X-WX-OPENID')
  })

  it('each user of the phone has separate stored data', async () => {
    const { page, press, idle, text } = await open()
    const handTo = async (user: string) => {
      await page.fill('#holder', user)
      await page.press('#holder', 'Enter')
      await idle()
    }
    const openid = async () => /X-WX-OPENID(.{28})/.exec(await text('#result'))?.[1]
    await press('api')
    const mine = await openid()
    await handTo('安')
    expect(await text('#result')).to.contain('Not logged in')
    expect(await text('#server')).to.equal('')
    await page.click('#tab-storage')
    expect(await page.locator('#storage tr').count()).to.equal(0)
    await press('api')
    expect(await openid())
      .to.be.a('string')
      .and.not.equal(mine)
    await handTo(' demo ')
    expect(await page.inputValue('#holder')).to.equal('demo')
    expect(await text('#server')).to.contain(String(mine))
    expect(await page.locator('#storage tr').count()).to.equal(1)
    await press('api')
    expect(await openid()).to.equal(mine)
  })

  it('the playground can be used with the keyboard only', async () => {
    const { page, idle, text, evaluate } = await open()
    const focused = () =>
      evaluate<string>('document.activeElement.dataset.action ?? document.activeElement.id')
    const tabTo = async (name: string) => {
      for (let presses = 0; (await focused()) !== name; presses++) {
        expect(presses, `Tabs on the way to ${name}`).to.be.below(80)
        await page.keyboard.press('Tab')
        const ring = await evaluate('getComputedStyle(document.activeElement).outlineStyle')
        expect(ring, `the focus on ${await focused()}`).to.not.equal('none')
      }
    }
    await tabTo('login')
    await page.keyboard.press('Enter')
    await idle()
    expect(await focused()).to.equal('login')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await idle()
    expect(await text('#result')).to.contain('微信用户')

    await tabTo('phoneNumber')
    await page.keyboard.press('Enter')
    expect(await focused()).to.equal('allow')
    await page.keyboard.press('Enter')
    await idle()
    expect(await text('#result')).to.contain('+86')
    expect(await focused()).to.equal('phoneNumber')

    await tabTo('tab-console')
    await page.keyboard.press('ArrowRight')
    expect(await page.locator('#panel-network').isVisible()).to.equal(true)
    await page.keyboard.press('End')
    expect(await focused()).to.equal('tab-server')
    await page.keyboard.press('ArrowRight')
    expect(await focused()).to.equal('tab-console')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Home')
    expect(await page.locator('[role=tabpanel]:visible').getAttribute('id')).to.equal('panel-console')
  })

  it('the playground fits a screen of 320 pixels, with two devices and all details open', async () => {
    const { page, press, startStory, idle, evaluate } = await open({ viewport: { width: 320, height: 640 } })
    await press('userInfo')
    await startStory('rotated')
    await press('userInfo')
    await page.click('#second-device')
    await idle()
    for (const act of await page.locator('.act-name').all()) {
      if ((await act.getAttribute('aria-expanded')) === 'false') await act.click()
    }
    for (const opener of await page.locator('#steps .arrow').all()) await opener.click()
    for (const opener of await page.locator('#console summary').all()) await opener.click()
    for (const language of ['English', '中文']) {
      for (const tab of ['console', 'network', 'storage', 'server']) {
        await page.click(`#tab-${tab}`)
        const width = await evaluate('document.documentElement.scrollWidth')
        expect(width, `${tab}, beside the button ${language}`).to.equal(320)
      }
      expect(await evaluate(CUT_OFF)).to.deep.equal([])
      await page.click('#language')
    }
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`all texts in the ${colorScheme} scheme have contrast AA`, async () => {
      const { page, press, startStory, idle, evaluate } = await open({ colorScheme })
      expect(await evaluate(FAINT)).to.deep.equal([])
      await startStory('rotated')
      await press('userInfo')
      await page.click('#second-device')
      await idle()
      for (const tab of ['console', 'network', 'storage', 'server']) {
        await page.click(`#tab-${tab}`)
        expect(await evaluate(FAINT), tab).to.deep.equal([])
      }
    })
  }

  it('the playground can switch between dark and light, and remembers the choice', async () => {
    const { page, evaluate } = await open({ colorScheme: 'dark' })
    const ground = () => evaluate<string>('getComputedStyle(document.body).backgroundColor')
    const dark = await ground()
    await page.click('#theme')
    const light = await ground()
    expect(light).to.not.equal(dark)
    await page.reload()
    expect(await ground()).to.equal(light)
    await page.click('#theme')
    expect(await ground()).to.equal(dark)
  })

  it('the playground works if the browser forbids storage', async () => {
    const { page, press, idle, text } = await open()
    await page.addInitScript(
      "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })",
    )
    await page.reload()
    await idle()
    await press('userInfo')
    expect(await text('#result')).to.contain('微信用户')
  })

  it('the playground works if the storage is full', async () => {
    const { page, press, idle, text } = await open()
    await page.addInitScript(
      "Storage.prototype.setItem = () => { throw new DOMException('no', 'QuotaExceededError') }",
    )
    await page.reload()
    await idle()
    await page.click('#language')
    await page.click('#theme')
    expect(await page.title()).to.equal('r3session 演练场')
    await press('userInfo')
    expect(await text('#result')).to.contain('微信用户')
  })

  it('the playground works with invalid values in the storage', async () => {
    const { page, press, idle, text } = await open()
    await page.addInitScript("localStorage.setItem('playground.user', 'x'.repeat(65))")
    await page.addInitScript("localStorage.setItem('playground.language', '<b>')")
    await page.addInitScript("localStorage.setItem('wx-storage/wxd3300000000000d3/demo/r3session', '<b>')")
    await page.reload()
    await idle()
    expect(await page.inputValue('#holder')).to.equal('demo')
    await press('userInfo')
    expect(await text('#result')).to.contain('微信用户')
  })

  it('the playground is served with a policy that forbids other hosts, and follows it', async () => {
    const { page, service } = await open()
    const response = await page.reload()
    const policy = response?.headers()['content-security-policy']
    expect(policy).to.contain("default-src 'none'").and.not.contain('unsafe')
    expect((await service.send('GET', '/playground.js')).text.length).to.be.below(80_000)
  })

  it('the playground sends no requests while the user does nothing', async () => {
    const { page, press } = await open()
    await press('login')
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.waitForTimeout(400)
    expect(asked).to.deep.equal([])
  })
})
