import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { temporaryFolder } from '../../../support/service/spawn-service.js'

/** What strace does to the calls of a process. */
export interface Injection {
  /** Calls on these files alone. */
  readonly paths: readonly string[]
  readonly calls: string
  /** In strace's words, as `error=EIO:when=2`. */
  readonly does: string
}

/**
 * Has a fault in the system calls of a running process, with all its threads, while `work` goes on. Gives what came of
 * the work, and how many calls were hit.
 */
export async function withInjection<T>(
  pid: number | undefined,
  { paths, calls, does }: Injection,
  work: () => Promise<T>,
): Promise<{ result: T; hits: number }> {
  const folder = temporaryFolder()
  const log = `${folder.path}/calls`
  const strace = spawn(
    'strace',
    [
      ...['-f', '-p', String(pid), '-o', log, '-e', `trace=${calls}`, '-e', `inject=${calls}:${does}`],
      ...paths.flatMap((path) => ['-P', path]),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const ended = once(strace, 'close')
  try {
    const [said] = await Promise.race([once(strace.stderr, 'data'), ended])
    if (!/attached/.test(String(said))) throw new Error(`strace does not attach: ${said}`)
    strace.stderr.resume()
    const result = await work()
    // It lets go of the process.
    strace.kill('SIGINT')
    await ended
    const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : []
    return { result, hits: lines.filter((line) => /\((INJECTED|DELAYED)\)/.test(line)).length }
  } finally {
    strace.kill('SIGKILL')
    rmSync(folder.path, { recursive: true, force: true })
  }
}
