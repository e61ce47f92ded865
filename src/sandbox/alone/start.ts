/** A sandbox in a process of its own: `r3session sandbox`, and the command of `@r3session/sandbox`. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { type Sandbox, SandboxError, startSandbox } from '../index.js'

/** Milliseconds after a call in which what it changed is written, together with what others change meanwhile. */
const WRITTEN_WITHIN = 100

/** What keeps a sandbox from running, in both languages. */
export class AloneFailure extends Error {
  readonly text: { readonly en: string; readonly zh: string }

  constructor(en: string, zh: string) {
    super(en)
    this.text = { en, zh }
  }
}

/**
 * Starts a sandbox.
 *
 * @param file where what it remembers is kept over restarts; made where it is missing
 * @param complain is told when that can't be written under way
 * @returns its address, and what ends it: after that the file has everything
 * @throws AloneFailure where the port is taken, or the file can't be used
 */
export async function startAlone({
  port,
  file,
  complain,
}: {
  port: number
  file?: string | undefined
  complain: (text: AloneFailure['text']) => void
}): Promise<{ url: string; close(): Promise<void> }> {
  let timer: NodeJS.Timeout | undefined
  const later = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      try {
        write()
      } catch (error) {
        if (!(error instanceof AloneFailure)) throw error
        complain(error.text)
      }
    }, WRITTEN_WITHIN)
  }
  const write = () => {
    if (file !== undefined) save(file, sandbox)
  }
  const saved = file === undefined ? undefined : stateIn(file)
  const sandbox = await startSandbox({ port, ...(file !== undefined && { called: later }) }).catch(
    (error: unknown) => {
      throw listenFailure(error, port)
    },
  )
  try {
    if (saved !== undefined) sandbox.restore(saved)
    write()
  } catch (error) {
    await sandbox.close()
    if (!(error instanceof SandboxError)) throw error
    throw new AloneFailure(`${file} can't be used: ${error.message}`, `无法使用 ${file}：${error.message}`)
  }
  return {
    url: sandbox.url,
    async close() {
      await sandbox.close()
      clearTimeout(timer)
      write()
    },
  }
}

/** What the file has; `undefined` where there is none. */
function stateIn(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new AloneFailure(`${file} can't be read (${codeOf(error)})`, `无法读取 ${file}（${codeOf(error)}）`)
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new AloneFailure(
      `${file} is no JSON: name another file, or delete it to begin anew`,
      `${file} 不是 JSON：请指定其他文件，或删除它以重新开始`,
    )
  }
}

/** The file has the one state or the next, whole. */
function save(file: string, sandbox: Sandbox): void {
  try {
    writeFileSync(`${file}.part`, `${JSON.stringify(sandbox.state(), null, 1)}\n`, { mode: 0o600 })
    renameSync(`${file}.part`, file)
  } catch (error) {
    throw new AloneFailure(
      `the state can't be written to ${file} (${codeOf(error)})`,
      `无法将状态写入 ${file}（${codeOf(error)}）`,
    )
  }
}

function listenFailure(error: unknown, port: number): unknown {
  const code = codeOf(error)
  if (!['EADDRINUSE', 'EACCES'].includes(code)) return error
  return new AloneFailure(
    `port ${port} can't be had (${code}): name another one with --port, 0 for any`,
    `无法使用端口 ${port}（${code}）：请用 --port 指定其他端口，0 为任意空闲端口`,
  )
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
