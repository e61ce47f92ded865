import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { onTestStore } from '../redis/test-store.js'

/** The command as it ships. */
export const CLI = resolve('dist/bundle/cli.js')

export interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command to its end with these settings, and nothing else from our own environment. */
export async function runCommand(
  args: readonly string[],
  { env = {}, cwd }: { env?: Record<string, string>; cwd?: string } = {},
): Promise<Outcome> {
  const { PATH = '', NODE_V8_COVERAGE } = process.env
  const coverage = NODE_V8_COVERAGE ? { NODE_V8_COVERAGE } : {}
  const all = { PATH, ...coverage, ...(await onTestStore(env)) }
  const options = { env: all, timeout: 60_000, ...(cwd !== undefined && { cwd }) }
  return new Promise((done) => {
    execFile(process.execPath, [CLI, ...args], options, (error, stdout, stderr) =>
      done({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
    )
  })
}
