/** Settings in a file: lines of NAME=value, as Node's own `--env-file` takes them. */
import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { WrongSettings } from './failure.js'

/** Read without being asked for, where it is in the folder. */
const USUAL = '.env'

/**
 * Adds to the environment what the file has and the environment has not.
 *
 * @param path the file that was asked for, which has to be there; otherwise `.env`, which need not
 * @throws WrongSettings where it can't be read
 */
export function readEnvFile(env: NodeJS.ProcessEnv, path?: string): void {
  const text = textOf(path)
  if (text === undefined) return
  for (const [name, value] of Object.entries(parseEnv(text))) env[name] ??= value
}

function textOf(path: string | undefined): string | undefined {
  const file = path ?? USUAL
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    // A folder of that name is somebody else's.
    if (path === undefined && ['ENOENT', 'EISDIR', 'ENOTDIR'].includes(code)) return undefined
    throw new WrongSettings(`the file ${file} can't be read (${code})`, `无法读取文件 ${file}（${code}）`)
  }
}
