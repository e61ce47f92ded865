/**
 * Holds routes to the codes they declare. The service logs each code that a route answers without having declared it;
 * every test's service is watched here for such lines, whoever sends the requests and however, and one of them fails the
 * test run at its end.
 */
import { expect } from 'chai'
import type { Log } from '#src/app/log/logger.js'
import { openService as open } from '#src/app/wire.js'

const found: string[] = []
/** How many of them have the name of their test. */
let named = 0

/** `openService` of wire.ts for tests. */
export const openService: typeof open = (config, log, ...rest) => open(config, watched(log), ...rest)

/** Notes the undeclared codes in what a process has written to its log, JSON lines. */
export function watchOutput(text: string): void {
  for (const [line] of text.matchAll(/^\{.*"undeclared":.*$/gm)) found.push(line)
}

function watched(log: Log): Log {
  return {
    isLevelEnabled: log.isLevelEnabled.bind(log),
    debug: log.debug.bind(log),
    info: log.info.bind(log),
    error(fields, message) {
      if ('undeclared' in fields) found.push(JSON.stringify(fields))
      log.error(fields, message)
    },
  }
}

/** What was found so far, which then fails no test run any more. For the test of this file. */
export function takeFound(): string[] {
  named = 0
  return found.splice(0)
}

// Whoever starts a service imports this file, and so has these hooks around all tests of the run. A proof that runs as a
// program of its own has no tests, and is told at its end.
if (typeof afterEach === 'undefined') {
  process.on('exit', () => {
    if (found.length === 0) return
    process.stderr.write(`codes that their routes do not declare:\n${found.join('\n')}\n`)
    process.exitCode = 1
  })
} else {
  afterEach('names the test that met an undeclared code', function () {
    for (; named < found.length; named++) found[named] += ` in: ${this.currentTest?.fullTitle()}`
  })
  after('every code that was answered is declared by its route', () => {
    expect(found).to.deep.equal([])
  })
}
