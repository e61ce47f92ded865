import { expect } from 'chai'
import { usePlaygrounds } from '../support/page/use-playgrounds.js'

describe('the documentation page in a browser', function () {
  this.timeout(60_000)
  const open = usePlaygrounds()

  it('copies commands as they are shown, and leads to the playground and to the other language', async () => {
    const { page, service } = await open({ permissions: ['clipboard-read', 'clipboard-write'] })
    await page.goto(`${service.url}/docs`)
    await page.click('article:has(#postV1Login) .copy')
    await page.locator('.copy', { hasText: 'Copied' }).waitFor()
    const copied = await page.evaluate('navigator.clipboard.readText()')
    expect(copied).to.equal(await page.textContent('article:has(#postV1Login) pre[data-origin]'))
    expect(copied).to.include(`"${service.url}/v1/login"`)
    await page.click('text=中文')
    expect(await page.evaluate('document.documentElement.lang')).to.equal('zh-CN')
    await page.click('text=演练场')
    expect(page.url()).to.equal(`${service.url}/`)
    await page.locator('#app[aria-busy="false"]').waitFor()
  })

  it('fits a phone of 375 pixels in both languages and both schemes', async () => {
    const { page, service } = await open({ viewport: { width: 375, height: 800 } })
    for (const lang of ['en', 'zh']) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await page.goto(`${service.url}/docs?lang=${lang}`)
        expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(375)
      }
    }
  })
})
