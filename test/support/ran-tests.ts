/**
 * A root hook for mocha (.mocharc.json) that notes which tests ran and what came of them, for scripts/asvs.mjs: a line
 * a test in a file a process, since there may be several.
 */
import { appendFileSync, mkdirSync } from 'node:fs'
import { relative } from 'node:path'
import type { Suite } from 'mocha'

const FOLDER = 'build/ran'

function* testsIn(suite: Suite): Generator<object> {
  for (const test of suite.tests) {
    const file = relative('build', test.file ?? '').replace(/\.js$/, '.ts')
    yield { file: `test/${file}`, title: test.fullTitle(), state: test.isPending() ? 'pending' : test.state }
  }
  for (const inner of suite.suites) yield* testsIn(inner)
}

export const mochaHooks: Mocha.RootHookObject = {
  afterAll(this: Mocha.Context) {
    const root = this.test?.parent
    if (root === undefined) return
    mkdirSync(FOLDER, { recursive: true })
    const lines = [...testsIn(root)].map((test) => `${JSON.stringify(test)}\n`)
    appendFileSync(`${FOLDER}/${process.pid}.jsonl`, lines.join(''))
  },
}
