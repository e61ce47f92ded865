import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Context } from 'mocha'
import { temporaryFolder } from './spawn-service.js'

type Strace = ChildProcessByStdio<null, null, Readable>

/** A system call of a process. */
export interface SystemCall {
  readonly thread: number
  readonly name: string
  /** As strace writes them; a descriptor has what it stands for behind it, as in `3</var/lib/sessions.db>`. */
  readonly args: string
}

/**
 * The system calls for files and descriptors of a process, with all its threads, while `work` goes on. Where there is
 * no strace, or where it may not look at another process, skips the test and says why.
 *
 * @param inject what calls meet there, as strace's `-e inject` has it
 */
export async function callsDuring(
  test: Context,
  pid: number | undefined,
  work: () => Promise<unknown>,
  inject?: string,
): Promise<SystemCall[]> {
  const injected = inject === undefined ? [] : ['-e', `inject=${inject}`]
  return traced(test, [...injected, '-p', String(pid)], async (strace, ended) => {
    const said = await Promise.race([once(strace.stderr, 'data'), ended])
    if (!/attached/.test(String(said?.[0]))) return
    await work()
    // It lets go of the process.
    strace.kill('SIGINT')
  })
}

/** The same of a Node program from its start to its end. */
export function callsOf(test: Context, source: string): Promise<SystemCall[]> {
  return traced(test, [process.execPath, '--input-type=module', '-e', source])
}

async function traced(
  test: Context,
  what: readonly string[],
  onStart = async (_: Strace, _ended: Promise<void>) => {},
): Promise<SystemCall[]> {
  // Never in a folder of the process's: one that it watches would tell it of every line.
  const folder = temporaryFolder()
  const path = join(folder.path, 'calls')
  const strace = spawn('strace', ['-f', '-y', '-s', '20', '-e', 'trace=%file,%desc', '-o', path, ...what], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  // Ends by itself with the process that it looks at.
  const ended = new Promise<void>((resolve) => {
    strace.on('close', () => resolve())
    strace.on('error', () => resolve())
  })
  try {
    await onStart(strace, ended)
    strace.stderr.resume()
    await ended
    const calls = existsSync(path) ? readFileSync(path, 'utf8').split('\n').flatMap(parsed) : []
    return calls.length > 0 ? calls : skip(test)
  } finally {
    strace.kill('SIGKILL')
    folder.remove()
  }
}

function skip(test: Context): never {
  process.stderr.write('strace is missing or may not trace, so calls go uncounted: apt-get install strace\n')
  return test.skip()
}

/** A call that others come between has a second line, which says that it is resumed. */
function parsed(line: string): SystemCall[] {
  const [, thread, name = '', args = ''] = /^(\d+) +(\w+)\((.*)$/.exec(line) ?? []
  return thread === undefined ? [] : [{ thread: Number(thread), name, args }]
}
