/**
 * Writes the pages anew from bench/results.json. With --check it only tells, by its status, whether they say what that
 * file says.
 *
 *     node bench/report/write.mjs [--check]
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../contestants.mjs'
import { pagesOf, writePages } from './pages.mjs'

const results = JSON.parse(readFileSync(join(root, 'bench/results.json'), 'utf8'))
if (process.argv[2] === '--check') {
  const stale = Object.entries(pagesOf(results, root)).filter(
    ([path, text]) => !existsSync(path) || readFileSync(path, 'utf8') !== text,
  )
  if (stale.length > 0) {
    process.stderr.write(`${stale.map(([path]) => path).join(', ')}: run node bench/report/write.mjs\n`)
    process.exitCode = 1
  }
} else {
  writePages(results, root)
}
