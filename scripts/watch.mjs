// Compiles on every change, and runs a program anew when what it has loaded was compiled: `node scripts/watch.mjs
// <program> <arguments>`. Ends both with Ctrl-C.
import { spawn } from 'node:child_process'
import { watch } from 'node:fs'

const SOURCES = ['src', 'client/src', 'simulator/src', 'verify/src', 'playground/src', 'test']

// It leads a group of its own: the program may start others, and they have to end together.
const program = spawn(
  process.execPath,
  ['--watch', '--watch-preserve-output', '--enable-source-maps', ...process.argv.slice(2)],
  { stdio: 'inherit', detached: true },
)

// tsc has a watch mode of its own, but for several projects at once version 7 does not see their changes everywhere.
let compiling = false
let again = false
function compile() {
  again = compiling
  if (compiling) return
  compiling = true
  const tsc = spawn(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'test'], { stdio: 'inherit' })
  tsc.once('exit', () => {
    compiling = false
    if (again) compile()
  })
}

// An editor may save one file in several steps.
let soon
for (const folder of SOURCES) {
  watch(folder, { recursive: true }, (_event, name) => {
    if (!name?.endsWith('.ts')) return
    clearTimeout(soon)
    soon = setTimeout(compile, 50)
  })
}

function end() {
  if (program.exitCode === null && program.signalCode === null) process.kill(-program.pid)
  process.exit()
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, end)
program.once('exit', end)
