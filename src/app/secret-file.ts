import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * The secret in a file, made on first use: readable by its owner alone, and complete whenever it is there. Several
 * processes may start at once; all get the one that was there first.
 *
 * @param makeSecret gives a fresh secret as text
 */
export function secretIn(path: string, makeSecret: () => string): string {
  const existing = read(path)
  if (existing !== undefined) return existing
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  // In containers every process has the same pid, so the draft is named after its own content.
  const secret = makeSecret()
  const draft = `${path}.${createHash('sha256').update(secret).digest('hex').slice(0, 16)}`
  const file = openSync(draft, 'wx', 0o600)
  writeSync(file, `${secret}\n`)
  fsyncSync(file)
  closeSync(file)
  try {
    // A link appears whole or not at all, and fails when another process was faster.
    linkSync(draft, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
  const made = read(path)
  if (made === undefined) throw new Error(`the secret file ${path} is gone right after it was made`)
  return made
}

function read(path: string): string | undefined {
  let secret: string
  try {
    secret = readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  // An empty secret would seal with nothing, silently.
  if (secret === '')
    throw new Error(`the secret file ${path} is empty; restore it, or delete it to have a new one made`)
  return secret
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
