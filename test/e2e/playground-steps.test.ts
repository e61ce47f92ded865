import { execFileSync } from 'node:child_process'
import { expect } from 'chai'
import { usePlaygrounds } from '../support/page/use-playgrounds.js'

describe('what the playground tells', function () {
  this.timeout(60_000)
  const open = usePlaygrounds()

  it('steps stand below the button that caused them, and those of the newest are open', async () => {
    const { page, press, startStory, texts, steps } = await open()
    await press('login')
    await press('api')
    await startStory('rotated')
    expect((await texts('.act-name > :first-child')).join(' | ')).to.equal(
      'Log in | Call API | What if… the session_key changed',
    )
    expect(await page.locator('.act-name[aria-expanded="true"]').count()).to.equal(1)
    expect(await page.locator('.step:visible .step-label').first().textContent()).to.equal(
      'replaces the session_key',
    )
    await page.locator('.act-name').first().click()
    expect(await page.locator('.step:visible').count()).to.be.above(1)
    expect((await steps()).length).to.be.above(5)
  })

  it('a request is copied as a command that works as it is', async () => {
    const { page, press } = await open({ permissions: ['clipboard-read', 'clipboard-write'] })
    await press('userInfo')
    await page.click('#tab-network')
    await page.locator('.request', { hasText: '/v1/decrypt' }).click()
    await page.locator('.copy:visible').click()
    const command = await page.evaluate('navigator.clipboard.readText()')
    const answer = execFileSync('sh', ['-c', `${command} -s`], { encoding: 'utf8', timeout: 10_000 })
    expect(JSON.parse(answer)).to.have.nested.property('data.openId')
  })

  it('a link opens the page with one story, and a reload goes on with it', async () => {
    const { page, service, idle, suggested, text, press } = await open()
    await page.goto(`${service.url}/#story=rotated`)
    await idle()
    expect(await text('#story')).to.contain('WeChat has a new session_key')
    await press('userInfo')
    await page.reload()
    await idle()
    expect(await suggested()).to.equal('userInfo')
    expect(await text('#story')).to.contain('The data did not open')
    await page.click('[data-story="none"]')
    await idle()
    expect(new URL(page.url()).hash).to.equal('')
  })

  it('the green button is the one to press next', async () => {
    const { press, page } = await open()
    const green = () => page.locator('.green').getAttribute('data-action')
    expect(await green()).to.equal('login')
    await press('login')
    expect(await green()).to.equal('userInfo')
    await press('userInfo')
    expect(await page.locator('.green').count()).to.equal(0)
    await press('logout')
    expect(await green()).to.equal('login')
  })

  it('an error is shown as a user is told of it, with its code below', async () => {
    const { page, press, startStory, text, idle } = await open()
    await startStory('rotated')
    await press('userInfo')
    expect(await text('#result h3')).to.equal('That did not work. Please tap once more.')
    expect(await text('#result .seen')).to.match(/signature_mismatch.*relogin/)
    await page.click('#language')
    await idle()
    expect(await text('#result h3')).to.equal('没有成功，请再点一次。')
  })

  it('the first words of what the server has are whether sealed data will open', async () => {
    const { page, press, texts } = await open()
    await press('login')
    await page.click('#tab-server')
    expect((await texts('#server > *'))[0]).to.contain('sealed data will open')
  })

  it('the drawing stays in sight of the buttons on a phone', async () => {
    const { page, press } = await open({ viewport: { width: 375, height: 667 } })
    await press('login')
    for (const action of ['login', 'logout']) {
      await page.locator(`[data-action="${action}"]`).scrollIntoViewIfNeeded()
      const box = await page.locator('.step:visible').last().boundingBox()
      expect(box?.y, action).to.be.below(667)
    }
  })

  it('a link to a story brings the button that it begins with into sight on a phone', async () => {
    const { page, service, idle } = await open({ viewport: { width: 375, height: 812 } })
    await page.goto(`${service.url}/#story=payment`)
    await idle()
    const button = await page.locator('button.suggested').boundingBox()
    const drawing = await page.locator('.sequence').boundingBox()
    expect(button?.y).to.be.above(0)
    expect((button?.y ?? 0) + (button?.height ?? 0)).to.be.at.most(drawing?.y ?? 0)
  })
})
