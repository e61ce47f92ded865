// The compiler never deletes what it made of a source that is gone, and what is packed would have it.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** What the compiler makes of `name.ts`. */
const MADE = /\.(js|js\.map|d\.ts)$/

/**
 * Deletes what lies in `target` and was made of no file of `source`; gives the paths.
 *
 * @param others folders in `target` that something else makes
 */
export function removeStale(source, target, others = []) {
  if (!existsSync(target)) return []
  const stale = readdirSync(target, { recursive: true })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => MADE.test(path) && !others.some((folder) => path.startsWith(`${folder}/`)))
    .filter((path) => !existsSync(join(source, path.replace(MADE, '.ts'))))
  for (const path of stale) rmSync(join(target, path))
  return stale
}
