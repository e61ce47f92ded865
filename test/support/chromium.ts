import { existsSync } from 'node:fs'
import type { Context } from 'mocha'
import { type Browser, chromium } from 'playwright-core'

/** Where Debian's package `chromium` puts it. */
const PROGRAM = '/usr/bin/chromium'

/** Starts Chromium without a window. Skips the test or the suite, and says why, where there is none. */
export async function startChromium(test: Context): Promise<Browser> {
  if (!existsSync(PROGRAM)) {
    process.stderr.write(`${PROGRAM} is missing, so the playground goes untested: apt-get install chromium\n`)
    return test.skip()
  }
  // The sandbox needs rights that containers often lack; the only page it opens is our own.
  return chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox'] })
}
