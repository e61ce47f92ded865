// After npm test: every test that security/asvs.json names has to be among those that passed, by what
// test/support/ran-tests.ts noted. One that was skipped for want of a program fails in CI only.
import { readdirSync, readFileSync } from 'node:fs'

const ran = new Map()
for (const name of readdirSync('build/ran')) {
  for (const line of readFileSync(`build/ran/${name}`, 'utf8').split('\n').filter(Boolean)) {
    const { file, title, state } = JSON.parse(line)
    ran.set(file, [...(ran.get(file) ?? []), { title, state }])
  }
}

const accepted = process.env.CI ? ['passed'] : ['passed', 'pending']
const { requirements } = JSON.parse(readFileSync('security/asvs.json', 'utf8'))
const missing = requirements.flatMap(({ id, tests = [] }) =>
  tests
    .filter(({ file, test }) => {
      const found = (ran.get(file) ?? []).filter(({ title }) => title.endsWith(test))
      return found.length === 0 || found.some(({ state }) => !accepted.includes(state))
    })
    .map(({ file, test }) => `${id}: ${file}: ${test}`),
)
const named = requirements.reduce((sum, { tests = [] }) => sum + tests.length, 0)
if (missing.length > 0) {
  process.stderr.write(
    `security/asvs.json names tests that did not run or did not pass:\n${missing.join('\n')}\n`,
  )
  process.exitCode = 1
} else process.stdout.write(`All ${named} tests that security/asvs.json names have passed.\n`)
