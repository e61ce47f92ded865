import type { Browser, BrowserContextOptions } from 'playwright-core'
import { startChromium } from './chromium.js'
import { expectNoErrors, openPlayground, type Playground } from './playground-page.js'

/**
 * Starts one Chromium for the suite that calls this, and gives a function that opens a playground. After each test, the
 * last opened playground is closed, and must have had no unexpected errors.
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
    expectNoErrors(playground)
  })
  return async (options) => {
    playground = await openPlayground(browser, options)
    return playground
  }
}
