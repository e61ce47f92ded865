import { expect } from 'chai'
import type { Playground } from '../support/page/playground-page.js'
import { usePlaygrounds } from '../support/page/use-playgrounds.js'
import { spawnService } from '../support/service/spawn-service.js'

describe('the stories of the playground', function () {
  this.timeout(60_000)
  const open = usePlaygrounds()
  let playground: Playground
  beforeEach(async () => {
    playground = await open()
  })

  /** Starts a story, and presses the suggested buttons until there are no more suggestions. */
  async function follow(story: string): Promise<string[]> {
    await playground.startStory(story)
    const pressed: string[] = []
    while ((await playground.page.locator('.suggested').count()) > 0) {
      const next = String(await playground.suggested())
      pressed.push(next)
      expect(pressed.length).to.be.below(4)
      await playground.press(next)
    }
    return pressed
  }
  const answers = async () => (await playground.steps()).filter((label) => /^(errcode|\d{3}) /.test(label))
  const story = () => playground.text('#story')

  it('story of a used code: the client gets a new one', async () => {
    expect(await follow('used')).to.deep.equal(['login'])
    expect((await answers()).map((label) => label.slice(0, 13))).to.deep.equal([
      'errcode 40163',
      '400 code_used',
      '201 r3session',
    ])
    expect(await story()).to.contain('took a fresh code')
    expect(await playground.text('#result')).to.contain('Logged in')
  })

  it('story of an expired session: the client logs in once, and the request succeeds', async () => {
    await playground.press('login')
    expect(await follow('expired')).to.deep.equal(['api'])
    const labels = await answers()
    expect(labels.map((label) => label.slice(0, 3))).to.deep.equal(['201', '401', '201', '200'])
    expect(await playground.text('#result')).to.contain('X-WX-OPENID')
  })

  it('story of a new session_key: decryption fails, the client logs in, and new data can be decrypted', async () => {
    await playground.page.click('#tab-server')
    await playground.startStory('rotated')
    expect(await playground.text('#server .verdict')).to.contain('does not have it')
    await playground.press('userInfo')
    expect(await playground.text('#result'))
      .to.contain('relogin')
      .and.contain('Ask the user once more')
    expect(await playground.text('#server .verdict')).to.contain('The service has it')
    expect(await playground.text('#server .ring')).to.contain('replaced, opens data for 15 more min')
    expect(await story()).to.contain('The data did not open')
    expect(await playground.suggested()).to.equal('userInfo')
    await playground.press('userInfo')
    expect(await playground.text('#result')).to.contain('微信用户')
    expect(await story()).to.contain('the data opens')
    expect(await playground.page.locator('.suggested').count()).to.equal(0)
  })

  it('story of busy WeChat: the client waits as long as it is told and sends the same code again', async () => {
    expect(await follow('busy')).to.deep.equal(['login'])
    expect((await answers()).map((label) => label.slice(0, 13))).to.deep.equal([
      'errcode -1',
      'errcode -1',
      '503 wechat_bu',
      '201 r3session',
    ])
    const steps = await playground.steps()
    expect(steps.filter((label) => label === 'wx.login')).to.have.lengthOf(1)
    expect(steps).to.include('503 wechat_busy, Retry-After 1 s')
  })

  const pay = async (choice: string) => {
    await playground.page.click('[data-action="pay"]')
    await playground.page.click(choice)
    await playground.idle()
  }

  it('story of a payment: signed by the service, paid at WeChat, looked up and delivered by the shop', async () => {
    const { page, startStory, steps, texts, text, suggested } = playground
    await startStory('payment')
    expect(await suggested()).to.equal('pay')
    await pay('#deny')
    expect(await text('#result')).to.contain('You said no')
    expect(await suggested()).to.equal('pay')
    const drawn = (await steps()).length
    await pay('#allow')
    const asked = (await steps()).slice(drawn).filter((label) => /^([A-Z]+ |wx)/.test(label))
    expect(asked).to.deep.equal([
      'POST /sandbox/order',
      'POST /v1/sign',
      'wx.requestVirtualPayment',
      'GET /sandbox/order',
      'POST /cgi-bin/stable_token',
      'POST /xpay/query_order',
      'POST /xpay/notify_provide_goods',
    ])
    expect(await texts('.lane')).to.deep.equal(['Phone', 'Shop', 'Service', 'WeChat'])
    expect(await text('#result')).to.contain('delivered')
    expect(await page.locator('.suggested').count()).to.equal(0)
    expect(await story()).to.contain('The key stayed where it was')
    await page.click('#tab-network')
    await page.locator('.request', { hasText: '/v1/sign' }).last().click()
    expect(await text('.detail:visible')).to.contain('SERVICE_KEYS')
  })

  it('a payment with a session_key that WeChat has replaced is made good by a login', async () => {
    const { page, startStory, steps, text, idle } = playground
    await startStory('rotated')
    await page.click('[data-action="pay"]')
    await page.click('#allow')
    // WeChat refuses the first order, and asks about the second.
    await page.click('#allow')
    await idle()
    expect(await steps())
      .to.include('POST /v1/session/check')
      .and.include('401 invalid_session')
    expect(await text('#result')).to.contain('delivered')
  })

  it('story of a forgotten user: nothing is left on any phone, and the next login begins anew', async () => {
    const { page, press, startStory, steps, text, suggested, idle } = playground
    await startStory('forgotten')
    await page.click('#second-device')
    await idle()
    await page.click('#tab-server')
    expect(await text('#server')).to.contain('Sessions of this user (2)')
    expect(await suggested()).to.equal('forget')
    await press('forget')
    expect(await text('#result')).to.match(/Forgotten.*sessions0sessionKeys0/)
    expect(await text('#server .verdict')).to.contain('knows no session')
    expect((await steps()).join()).to.match(/DELETE .sandbox.account,DELETE .v1.users.o[^,]+,204/)
    await page.reload()
    await idle()
    expect(await suggested()).to.equal('api')
    await press('api')
    expect(await steps()).to.include('401 invalid_session')
    expect(await text('#server')).to.contain('Sessions of this user (1)')
    expect(await page.locator('#server .ring li').count()).to.equal(1)
    expect(await story()).to.contain('a new session and one key')
  })

  it('a story ends without its last text if another button has removed the fault', async () => {
    const { page, idle, startStory, press } = playground
    for (const [name, other, next] of [
      ['used', '#second-device', 'login'],
      ['expired', '[data-action="logout"]', 'api'],
      ['rotated', '#second-device', 'userInfo'],
    ] as const) {
      await startStory(name)
      await page.click(other)
      await idle()
      await press(next)
      expect(await story(), name).to.contain('Nothing goes wrong')
    }
  })

  it('a story keeps waiting after an action that failed for another reason', async () => {
    const { page, idle, startStory, press } = playground
    await startStory('used')
    await page.click('[data-action="phoneNumber"]')
    await page.click('#deny')
    await idle()
    expect(await story()).to.contain('Press “Log in”')
    await press('api')
    expect(await story()).to.contain('took a fresh code')
  })

  it('the choice “all is well” removes a prepared fault', async () => {
    await playground.startStory('used')
    await playground.startStory('none')
    await playground.press('login')
    expect((await answers()).map((label) => label.slice(0, 3))).to.deep.equal(['201'])
    expect(await playground.page.locator('[data-story="none"]').getAttribute('aria-pressed')).to.equal('true')
  })

  it('starting over removes the token, the arrows and the fault', async () => {
    await playground.press('login')
    await playground.startStory('busy')
    await playground.page.click('#start-over')
    await playground.idle()
    expect(await playground.steps()).to.deep.equal([])
    expect(await playground.page.locator('#storage tr, #console li, #network li').count()).to.equal(0)
    expect(await playground.suggested()).to.equal('login')
    await playground.press('login')
    expect((await answers()).map((label) => label.slice(0, 3))).to.deep.equal(['201'])
  })

  it('the playground shows an error when the service is gone, and still works', async () => {
    await playground.service.kill('SIGKILL')
    await playground.press('login')
    expect(await playground.text('#result')).to.contain('network')
    await playground.page.click('[data-story="busy"]')
    await playground.idle()
    expect(await playground.page.locator('#console .error').count()).to.equal(2)
  })

  it('the playground still works when a proxy answers in place of the service', async () => {
    await playground.press('login')
    await playground.page.route('**/*', (route) =>
      route.fulfill({ status: 200, contentType: 'text/html', body: '<h1>Sign in to the hotel</h1>' }),
    )
    await playground.press('api')
    await playground.press('userInfo')
    expect(await playground.text('#result')).to.contain('getUserInfo:fail')
    await playground.page.unroute('**/*')
    await playground.press('userInfo')
    expect(await playground.text('#result')).to.contain('微信用户')
  })

  it('the sequence diagram shows nothing that others do in the same sandbox', async () => {
    const { send } = playground.service
    await playground.press('login')
    const { json: code } = await send('POST', '/sandbox/login', { body: { user: 'ann' } })
    expect((await send('POST', '/v1/login', { body: code })).status).to.equal(201)
    const drawn = (await playground.steps()).length
    await playground.press('api')
    const steps = (await playground.steps()).slice(drawn)
    expect(steps).to.deep.equal(['GET /sandbox/api', '200 X-WX-OPENID'])
    await playground.page.click('[data-action="phoneNumber"]')
    await playground.page.click('#allow')
    await playground.idle()
    expect(await playground.steps()).to.include('POST /wxa/business/getuserphonenumber')
  })

  it('the playground continues with a restarted service that has no data', async () => {
    await playground.press('login')
    await playground.press('logout')
    await playground.press('login')
    await playground.service.kill('SIGKILL')
    const again = await spawnService({
      PORT: String(playground.service.port),
      SESSION_STORE: 'sqlite::memory:',
    })
    try {
      const drawn = (await playground.steps()).length
      await playground.press('api')
      const steps = (await playground.steps()).slice(drawn)
      expect(steps).to.include('401 invalid_session').and.include('GET /sns/jscode2session')
      expect(await playground.text('#result')).to.contain('X-WX-OPENID')
    } finally {
      await again.kill('SIGKILL')
    }
  })
})
