// npm run prove:mutations [-- --mutate=dist/domain/login.js]: what each change to the domain and to the cryptography is
// found by. Stryker changes the compiled code in a copy (stage/), one place after the other, and runs the tests that
// reach it; a change that no test notices has survived. See docs/reliability.md.
import { spawn } from 'node:child_process'
import { cpSync, existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const stage = `${here}stage/`

rmSync(stage, { recursive: true, force: true })
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
take('dist', 'src', ['adapters', 'app', 'domain'])
take('build', 'test', ['contract', 'proofs', 'support', 'unit'])
cpSync(`${root}test/fixtures`, `${stage}test/fixtures`, { recursive: true })
// Stryker's runner does not know the mocha of the suite yet (12), so it has one of its own.
symlinkSync(`${here}node_modules`, `${stage}node_modules`)
writeFileSync(`${stage}package.json`, JSON.stringify({ type: 'module', imports: { '#src/*': './dist/*' } }))

const stryker = `${here}node_modules/@stryker-mutator/core/bin/stryker.js`
const args = [stryker, 'run', '../stryker.config.json', ...process.argv.slice(2)]
setPriority(19)
spawn(process.execPath, args, { cwd: stage, stdio: 'inherit' }).on('exit', (status) => {
  process.exitCode = status ?? 1
})
