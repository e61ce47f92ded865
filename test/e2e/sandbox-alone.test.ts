import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import { CLI, runCommand } from '../support/command/run-command.js'
import { temporaryFolder } from '../support/service/spawn-service.js'

describe('r3session sandbox', function () {
  this.timeout(120_000)
  let folder: ReturnType<typeof temporaryFolder>
  let child: ChildProcess | undefined
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(() => {
    child?.kill('SIGKILL')
    folder.remove()
  })
  const path = (name: string) => join(folder.path, name)

  async function start(...args: string[]): Promise<string> {
    const { PATH = '' } = process.env
    child = spawn(process.execPath, [CLI, 'sandbox', '--port', '0', ...args], {
      env: { PATH },
      cwd: folder.path,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (child.stdout === null) throw new Error('no output')
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    return /http:\S+$/.exec(line)?.[0] ?? line
  }
  async function end(signal: NodeJS.Signals): Promise<unknown> {
    const ended = child && once(child, 'exit')
    child?.kill(signal)
    return (await ended)?.[0]
  }
  const post = (url: string, body?: object) => fetch(url, { method: 'POST', body: JSON.stringify(body) })
  const state = async (url: string) => (await fetch(`${url}/sandbox/state`)).json()

  it('keeps in its file what it remembers, over an orderly end and over a kill', async () => {
    const file = path('state.json')
    const url = await start('--state', file)
    await post(`${url}/sandbox/login`, { user: 'ann' })
    await post(`${url}/sandbox/clock`, { advance: 60_000 })
    const before = await state(url)
    expect(await end('SIGTERM')).to.equal(0)
    expect(statSync(file).mode & 0o777).to.equal(0o600)

    const again = await start('--state', file)
    expect(await state(again)).to.deep.equal(before)
    await post(`${again}/sandbox/login`, { user: 'bob' })
    const latest = await state(again)
    // It writes within a tenth of a second, and whole or not at all.
    for (let tries = 0; tries < 200 && existsSync(file); tries++) {
      if (JSON.stringify(JSON.parse(readFileSync(file, 'utf8'))) === JSON.stringify(latest)) break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await end('SIGKILL')
    expect(await state(await start('--state', file))).to.deep.equal(latest)
  })

  it('is refused a port that is taken, a file that is no state, and a port that is none', async () => {
    const url = await start()
    const taken = await runCommand(['sandbox', '--port', new URL(url).port])
    expect(taken).to.include({ status: 1, stdout: '' })
    expect(taken.stderr).to.include('EADDRINUSE').and.include('--port')
    for (const [name, text] of [
      ['text', 'not JSON'],
      ['other', '{"version":3}'],
    ] as const) {
      writeFileSync(path(name), text)
      const { status, stderr } = await runCommand(['sandbox', '--port', '0', '--state', path(name)])
      expect(status, name).to.equal(1)
      expect(stderr).to.include(path(name))
    }
    const nowhere = await runCommand(['sandbox', '--port', '0', '--state', path('no/folder')])
    expect(nowhere.stderr).to.include('ENOENT')
    expect((await runCommand(['sandbox', '--port', '70000'])).status).to.equal(2)
  })
})
