import { expect } from 'chai'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { type SpawnedService, spawnService } from './spawn-service.js'

/** What the page must never do, as it was seen doing it. */
type Complaint = string

/** The playground of a service of its own. The caller closes it. */
export async function openPlayground(browser: Browser, options: BrowserContextOptions = {}) {
  const service = await spawnService({ SESSION_STORE: 'sqlite::memory:' })
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    reducedMotion: 'reduce',
    ...options,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const complaints = complaintsOf(page, service)
  const playground = {
    ...playgroundOf(page),
    page,
    service,
    complaints,
    async close(): Promise<void> {
      await context.close()
      await service.kill('SIGKILL')
    },
  }
  await page.goto(service.url)
  await playground.idle()
  return playground
}

export type Playground = Awaited<ReturnType<typeof openPlayground>>

/**
 * Errors of scripts, errors on the console, which is where violations of the policy end up, and requests to other
 * hosts. That an answer was a 4xx or 5xx Chromium logs as an error, too: here such answers are what is to be shown.
 */
function complaintsOf(page: Page, { url }: SpawnedService): Complaint[] {
  const complaints: Complaint[] = []
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('console', (message) => {
    const isAnswer = message.text().startsWith('Failed to load resource')
    if (['error', 'warning'].includes(message.type()) && !isAnswer) complaints.push(message.text())
  })
  page.on('request', (request) => {
    const isOurs = request.url().startsWith(`${url}/`) || request.url().startsWith('data:')
    if (!isOurs) complaints.push(`request to ${request.url()}`)
  })
  return complaints
}

function playgroundOf(page: Page) {
  /** Resolves when nothing is under way and everything shows the present. */
  const idle = async () => {
    await page.locator('#app[aria-busy="false"]').waitFor()
  }
  const texts = (selector: string) => page.locator(selector).allTextContents()
  return {
    idle,
    texts,
    text: async (selector: string): Promise<string> => (await texts(selector)).join(' '),
    /** Presses a button of the mini program, by the name of what it does. */
    async press(action: string): Promise<void> {
      await page.click(`[data-action="${action}"]`)
      await idle()
    },
    async tell(story: string): Promise<void> {
      await page.click(`[data-story="${story}"]`)
      await idle()
    },
    /** The button the page points at. */
    suggested: () => page.locator('.suggested').getAttribute('data-action'),
    /** The labels of the drawing, from the first to the last. */
    steps: () => texts('#steps .step-label'),
    /** A value of the page's own; the code runs there. */
    evaluate: async <T>(code: string): Promise<T> => page.evaluate(code) as Promise<T>,
  }
}

/** Asserts that nothing went wrong on the page that nobody asked for. */
export function expectCalm({ complaints }: Playground): void {
  expect(complaints).to.deep.equal([])
}
