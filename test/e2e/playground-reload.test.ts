import { expect } from 'chai'
import type { Playground } from '../support/page/playground-page.js'
import { usePlaygrounds } from '../support/page/use-playgrounds.js'

describe('the playground after a reload', function () {
  this.timeout(90_000)
  const open = usePlaygrounds()
  let playground: Playground
  beforeEach(async () => {
    playground = await open()
  })

  /** The name of the highlighted button; undefined if there is none. */
  async function next(): Promise<string | undefined> {
    const buttons = await playground.texts('.suggested .title')
    expect(buttons).to.have.lengthOf.at.most(1)
    return buttons[0]
  }

  /** Reloads, and asserts that the page shows the same as before, everywhere. */
  async function reload(after: string): Promise<void> {
    const before = { next: await next(), story: await playground.text('#story') }
    await playground.page.reload()
    await playground.idle()
    const phone = await playground.text('#result')
    const now = { next: await next(), story: await playground.text('#story') }
    expect(now, after).to.deep.equal(before)

    const says = (text: string) => [...text.matchAll(/[Pp]ress “([^”]*)”/g)].map(([, button]) => button)
    for (const button of says(`${now.story} ${await playground.text('#next-hint')}`)) {
      expect(button, `${after}: ${now.story}`).to.equal(now.next)
    }
    if (now.next !== undefined) expect(says(await playground.text('#next-hint'))).to.deep.equal([now.next])
    if (now.next === 'Log in') expect(phone, after).to.include('Not logged in')
    else if (now.next !== undefined) expect(phone, after).to.match(/Logged in/)
  }

  it('after a reload, the playground continues the two clicks of a first visit', async () => {
    await reload('the first look')
    for (const action of ['login', 'api', 'userInfo', 'api', 'logout']) {
      await playground.press(action)
      await reload(action)
    }
    expect(await next()).to.equal(undefined)
  })

  for (const story of ['used', 'expired', 'rotated', 'busy'] as const) {
    it(`after a reload, the playground continues the story ${story}`, async () => {
      await playground.startStory(story)
      await reload(story)
      for (let pressed = 0; (await next()) !== undefined; pressed++) {
        expect(pressed).to.be.below(4)
        await playground.press(String(await playground.suggested()))
        await reload(`${story}, press ${pressed + 1}`)
      }
      expect(await playground.text('#story'))
        .not.to.include('Nothing goes wrong')
        .and.not.include('ress “')
    })
  }

  it('after a reload, the playground names the next button also in Chinese', async () => {
    await playground.page.click('#language')
    await playground.press('login')
    await playground.page.reload()
    await playground.idle()
    expect(await next()).to.equal('获取用户信息')
    expect(await playground.text('#next-hint')).to.equal('在手机上点“获取用户信息”。')
  })

  it('the playground starts again after “Start over”, or if the saved values are invalid', async () => {
    const { page } = playground
    await playground.startStory('used')
    await page.evaluate("sessionStorage.setItem('playground.story', 'constructor 7')")
    await page.goto(playground.service.url)
    await playground.idle()
    expect(await playground.text('#story')).to.include('Nothing goes wrong')
    await playground.startStory('used')
    await page.click('#start-over')
    await playground.idle()
    await reload('start over')
    expect(await next()).to.equal('Log in')
  })
})
