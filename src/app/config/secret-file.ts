import { createHash } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'

/**
 * The secret in a file, made on first use: readable by its owner alone, and complete whenever it is there. Several
 * processes may start at once; all get the one that was there first. Fails with what to do about it in one line.
 *
 * @param path in a folder that is there
 * @param makeSecret gives a fresh secret as text
 */
export function secretIn(path: string, makeSecret: () => string): string {
  const existing = readSecret(path)
  if (existing !== undefined) return existing
  // In containers every process has the same pid, so the draft is named after its own content.
  const secret = makeSecret()
  const draft = `${path}.${createHash('sha256').update(secret).digest('hex').slice(0, 16)}`
  try {
    const file = openSync(draft, 'wx', 0o600)
    try {
      writeSync(file, `${secret}\n`)
      fsyncSync(file)
      // A link appears whole or not at all, and fails when another process was faster.
      linkSync(draft, path)
    } finally {
      closeSync(file)
      rmSync(draft, { force: true })
    }
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') {
      throw new Error(
        `the secret file ${path} can not be made (${codeOf(error)}): see to the space and the owner of its folder, or give SESSION_SECRET`,
      )
    }
  }
  const made = readSecret(path)
  if (made === undefined) throw new Error(`the secret file ${path} is gone right after it was made`)
  return made
}

/**
 * The secret in a file; `undefined` where there is none. Fails, with what to do about it in one line, where something
 * is there that is no secret.
 */
export function readSecret(path: string): string | undefined {
  const there = statIfThere(path)
  if (there === undefined) return undefined
  if (there !== 'a file') {
    throw new Error(
      `the secret file ${path} is ${there}: remove it, and put the secret back in its place, or give SESSION_SECRET`,
    )
  }
  let secret: string
  try {
    secret = readFileSync(path, 'utf8').trim()
  } catch (error) {
    const user = process.getuid?.() ?? ''
    throw new Error(
      `the secret file ${path} can not be read (${codeOf(error)}) by this user (uid ${user}): chown ${user} ${path} && chmod 600 ${path}`,
    )
  }
  // An empty secret would seal with nothing, silently.
  if (secret === '')
    throw new Error(`the secret file ${path} is empty; restore it, or delete it to have a new one made`)
  return secret
}

/** Where the way to it is closed or no way at all it is not there; the database says why. */
function statIfThere(path: string): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false }) ?? lstatSync(path, { throwIfNoEntry: false })
    if (stats === undefined || stats.isFile()) return stats && 'a file'
    if (stats.isSymbolicLink()) return 'a link to nowhere'
    return stats.isDirectory() ? 'a directory' : 'no file'
  } catch {
    return undefined
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
