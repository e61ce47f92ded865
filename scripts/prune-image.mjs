/**
 * Leaves in dist and node_modules what runs: no sources, types and source maps, and of better-sqlite3 the binding of
 * this platform alone, since its package brings those of all. For the Dockerfile, after `npm prune`; never in a
 * working copy.
 */
import { globSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

const sqlite = dirname(dirname(createRequire(import.meta.url).resolve('better-sqlite3')))
const { getBinding } = createRequire(join(sqlite, 'lib/'))('./binding.js')
getBinding()
// Whatever was loaded is what this platform needs.
const used = process.report.getReport().sharedObjects.map((path) => basename(path))
const prebuilds = join(sqlite, 'prebuilds')
const unused = readdirSync(prebuilds).filter((name) => !used.includes(name))
if (unused.length === readdirSync(prebuilds).length) throw new Error(`no binding of ${prebuilds} fits`)

const rest = [
  ...unused.map((name) => join(prebuilds, name)),
  ...['deps', 'src', 'binding.gyp'].map((name) => join(sqlite, name)),
  'node_modules/node-addon-api',
  'node_modules/@r3session',
  'node_modules/.bin',
  ...globSync('{dist,node_modules}/**/*.{map,ts,mts,cts,tsbuildinfo,md,markdown}'),
]
for (const path of rest) rmSync(path, { recursive: true, force: true })
