import type { Browser, BrowserContextOptions } from 'playwright-core'
import { startChromium } from './chromium.js'
import { expectCalm, openPlayground, type Playground } from './playground-page.js'

/**
 * One Chromium for the suite that calls this. Gives the function that opens a playground; the one that was opened last
 * is closed after each test, and must have stayed calm.
 */
export function usePlaygrounds(): (options?: BrowserContextOptions) => Promise<Playground> {
  let browser: Browser
  let playground: Playground
  before(async function () {
    browser = await startChromium(this)
  })
  after(() => browser?.close())
  afterEach(async () => {
    await playground?.close()
    expectCalm(playground)
  })
  return async (options) => {
    playground = await openPlayground(browser, options)
    return playground
  }
}
