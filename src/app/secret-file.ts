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
    write(draft, `${secret}\n`)
    // A link appears whole or not at all, and fails when another process was faster.
    linkSync(draft, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') {
      throw new Error(
        `the secret file ${path} can not be made (${codeOf(error)}): see to the space and the owner of its folder, or give SESSION_SECRET`,
      )
    }
  } finally {
    rmSync(draft, { force: true })
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
  let secret: string
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined) {
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined
      throw new Error(`the secret file ${path} is a link to nowhere: mount or restore what it leads to`)
    }
    if (!stats.isFile()) {
      throw new Error(
        `the secret file ${path} is ${stats.isDirectory() ? 'a directory' : 'no file'}: remove it, and put the secret back in its place, or give SESSION_SECRET`,
      )
    }
    secret = readFileSync(path, 'utf8').trim()
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    const user = process.getuid?.() ?? ''
    throw new Error(
      `the secret file ${path} can not be read (${code}) by this user (uid ${user}): chown ${user} ${path} && chmod 600 ${path}`,
    )
  }
  // An empty secret would seal with nothing, silently.
  if (secret === '')
    throw new Error(`the secret file ${path} is empty; restore it, or delete it to have a new one made`)
  return secret
}

function write(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
