// npm run prove:mutations [-- domain|crypto] [-- --mutate=dist/domain/login.js]: what each change to the domain and to
// the cryptography is found by. Stryker changes the compiled code in a copy (stage/), one place after the other, and runs
// the tests that reach it; a change that no test notices has survived. What an earlier run has found is not tried again
// where neither code nor tests have changed (--force does). See docs/reliability.md.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const stage = `${here}stage/`

/** What is changed. Each has its own tests (mocharc.<name>.json): what does not reach it would only take time. */
const subjects = { domain: 'dist/domain/**/*.js', crypto: 'dist/adapters/crypto/*.js' }

/** Takes the code alone, and none of what an earlier build has left there. */
function take(built, source, folders) {
  for (const folder of folders) {
    const filter = (path) => {
      const written = path.replace(`${root}${built}`, `${root}${source}`).replace(/\.js$/, '.ts')
      return existsSync(written) && !path.endsWith('.d.ts')
    }
    cpSync(`${root}${built}/${folder}`, `${stage}${built}/${folder}`, { recursive: true, filter })
  }
}

rmSync(stage, { recursive: true, force: true })
take('dist', 'src', ['adapters', 'app', 'domain'])
take('build', 'test', ['contract', 'proofs', 'support', 'unit'])
// A test of the log compares it with its page.
cpSync(`${root}docs`, `${stage}docs`, { recursive: true })
cpSync(`${root}test/fixtures`, `${stage}test/fixtures`, { recursive: true })
// Stryker's runner does not know the mocha of the suite yet (12), so it has one of its own.
symlinkSync(`${here}node_modules`, `${stage}node_modules`)
writeFileSync(`${stage}package.json`, JSON.stringify({ type: 'module', imports: { '#src/*': './dist/*' } }))

const asked = process.argv.slice(2).filter((argument) => argument in subjects)
const further = process.argv.slice(2).filter((argument) => !(argument in subjects))
// A file belongs to one of them.
const file = further.find((argument) => argument.startsWith('--mutate='))
const meant = file === undefined ? Object.keys(subjects) : [file.includes('crypto') ? 'crypto' : 'domain']
setPriority(5)
for (const name of asked.length > 0 ? asked : meant) {
  const report = `../report/${name}`
  const config = {
    mutate: [subjects[name]],
    mochaOptions: { config: `../../../mocharc.${name}.json` },
    jsonReporter: { fileName: `${report}.json` },
    htmlReporter: { fileName: `${report}.html` },
    incrementalFile: `${report}-incremental.json`,
  }
  const { default: common } = await import('./stryker.config.json', { with: { type: 'json' } })
  writeFileSync(`${stage}stryker.${name}.json`, JSON.stringify({ ...common, ...config }))
  const stryker = `${here}node_modules/@stryker-mutator/core/bin/stryker.js`
  const args = [stryker, 'run', `stryker.${name}.json`, ...further]
  const { status } = spawnSync(process.execPath, args, { cwd: stage, stdio: 'inherit' })
  process.exitCode ||= status ?? 1
}
