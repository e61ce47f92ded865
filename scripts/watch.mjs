// Compiles on every change, and runs a program anew when what it has loaded was compiled: `node scripts/watch.mjs
// <program> <arguments>`. Ends both with Ctrl-C.
import { spawn } from 'node:child_process'

// Each leads a group of its own: tsc is a program that starts another, and they have to end together.
const start = (...args) => spawn(process.execPath, args, { stdio: 'inherit', detached: true })

const children = [
  start('node_modules/typescript/bin/tsc', '-b', 'test', '--watch', '--preserveWatchOutput'),
  start('--watch', '--watch-preserve-output', '--enable-source-maps', ...process.argv.slice(2)),
]

function end() {
  for (const { pid, exitCode, signalCode } of children) {
    if (exitCode === null && signalCode === null) process.kill(-pid)
  }
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, end)
for (const child of children) child.once('exit', end)
