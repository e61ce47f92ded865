import { expect } from 'chai'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { type SpawnedService, spawnService } from '../service/spawn-service.js'

/** Something that the page must never do, such as an error in a script. */
type Problem = string

/** Opens the playground of a new service. The caller closes it. */
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
  const problems = problemsOf(page, service)
  const playground = {
    ...playgroundOf(page),
    page,
    service,
    problems,
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
 * Collects script errors, console errors, which include violations of the content security policy, and requests to
 * other hosts. Chromium also logs each 4xx and 5xx answer as an error; these are expected here and left out.
 */
function problemsOf(page: Page, { url }: SpawnedService): Problem[] {
  const problems: Problem[] = []
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`))
  page.on('console', (message) => {
    const isAnswer = message.text().startsWith('Failed to load resource')
    if (['error', 'warning'].includes(message.type()) && !isAnswer) problems.push(message.text())
  })
  page.on('request', (request) => {
    const isOurs = request.url().startsWith(`${url}/`) || request.url().startsWith('data:')
    if (!isOurs) problems.push(`request to ${request.url()}`)
  })
  return problems
}

function playgroundOf(page: Page) {
  /** Resolves when the page is no longer busy and shows the current state. */
  const idle = async () => {
    await page.locator('#app[aria-busy="false"]').waitFor()
  }
  const texts = (selector: string) => page.locator(selector).allTextContents()
  return {
    idle,
    texts,
    text: async (selector: string): Promise<string> => (await texts(selector)).join(' '),
    /** Presses a button of the mini program, by the name of its action. */
    async press(action: string): Promise<void> {
      await page.click(`[data-action="${action}"]`)
      await idle()
    },
    async startStory(story: string): Promise<void> {
      await page.click(`[data-story="${story}"]`)
      await idle()
    },
    /** The action of the highlighted button. */
    suggested: () => page.locator('.suggested').getAttribute('data-action'),
    /** The labels in the sequence diagram, in order. */
    steps: () => texts('#steps .step-label'),
    /** The value of an expression in the page. */
    evaluate: async <T>(code: string): Promise<T> => page.evaluate(code) as Promise<T>,
  }
}

/** Asserts that there were no unexpected errors on the page. */
export function expectNoErrors({ problems }: Playground): void {
  expect(problems).to.deep.equal([])
}
