import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestStore } from '../redis/test-store.js'
import { watchOutput } from './declared-errors.js'

/** The service's process as it ships: what `npm start` and the container run. */
const MAIN = 'dist/bundle/main.js'

/** A log line, as an object. */
export type Line = Readonly<Record<string, unknown>>

/** An empty folder that is gone when `remove` was called. */
export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'r3session-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/**
 * Starts the process with these settings and nothing else from our own environment, on a free port of 127.0.0.1.
 * Resolves when it listens or has ended.
 *
 * @param descriptors how many files and connections it may have open, if not as many as we may
 * @param through a program in front of it, with arguments, that becomes the process itself
 * @param program another way to start it
 */
export async function spawnService(
  env: Record<string, string> = {},
  {
    descriptors,
    through = [],
    program = MAIN,
  }: { descriptors?: number; through?: readonly string[]; program?: string } = {},
) {
  const { PATH = '', NODE_V8_COVERAGE } = process.env
  const limited = ['-c', `ulimit -n ${descriptors} && exec "$0" "$@"`, process.execPath, program]
  const whole = descriptors === undefined ? [...through, process.execPath, program] : ['sh', ...limited]
  const [command = '', ...args] = whole
  const child = spawn(command, args, {
    env: {
      PATH,
      ...(NODE_V8_COVERAGE ? { NODE_V8_COVERAGE } : {}),
      HOST: '127.0.0.1',
      PORT: '0',
      ...(await onTestStore(env)),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = once(child, 'exit').then(([status, signal]) => {
    watchOutput(stdout)
    return { status, signal }
  })
  // A worker that outlives the first process still holds its output.
  const allEnded = once(child, 'close')
  const lines = () =>
    stdout
      .split('\n')
      .filter(Boolean)
      .map((line): Line => JSON.parse(line))
  const port = await Promise.race([
    new Promise<unknown>((resolve) => {
      child.stdout.on('data', (chunk) => {
        stdout += chunk
        const listening = /^(.*"msg":"listening".*)$/m.exec(stdout)?.[1]
        if (listening !== undefined) resolve(JSON.parse(listening).port)
      })
    }),
    ended.then(() => undefined),
  ])
  const url = `http://127.0.0.1:${port}`

  return {
    url,
    port: Number(port),
    pid: child.pid,
    /** What it has logged so far. */
    lines,
    output: () => stdout + stderr,
    stderr: () => stderr,
    /** Leaves what it writes where it is. */
    stopReading: () => child.stdout.pause(),
    closeOutput: () => child.stdout.destroy(),
    /** How it ended: exit status or signal. */
    ended,
    /** Resolves when all its processes have ended. Output that nobody reads has no end. */
    allEnded,
    async send(method: string, path: string, { token, body }: { token?: string; body?: unknown } = {}) {
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, text, json: (text.startsWith('{') ? JSON.parse(text) : {}) as Line }
    },
    kill: (signal: NodeJS.Signals = 'SIGTERM') => end(child, signal, ended),
  }
}

async function end<T>(child: ChildProcess, signal: NodeJS.Signals, ended: Promise<T>): Promise<T> {
  child.kill(signal)
  return ended
}

export type SpawnedService = Awaited<ReturnType<typeof spawnService>>
