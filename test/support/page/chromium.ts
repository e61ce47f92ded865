import { existsSync } from 'node:fs'
import type { Context } from 'mocha'
import { type Browser, chromium } from 'playwright-core'

/** The path of Chromium from Debian's package `chromium`. */
const PROGRAM = '/usr/bin/chromium'

/** Starts Chromium without a window. If it is not installed, skips the test or suite and says why. */
export async function startChromium(test: Context): Promise<Browser> {
  if (!existsSync(PROGRAM)) {
    process.stderr.write(`${PROGRAM} is missing, so the playground goes untested: apt-get install chromium\n`)
    return test.skip()
  }
  // The sandbox needs rights that containers often lack; the only page it opens is our own.
  return chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox'] })
}
