/** Starts and ends what is measured, on the server's core, and what helps, on the other one. */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { cpuOf, treeOf } from './proc.mjs'

export const SERVER_CORE = 0
export const LOAD_CORE = 1
const PATIENCE = 30_000

const running = new Set()

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/**
 * A server of `contestant.start(settings)`, which gives command, environment and folder. Resolves once it accepts
 * connections; its output goes to a file, whose end an error quotes.
 */
export async function startServer(contestant, settings, folder, core = SERVER_CORE) {
  const port = await freePort()
  const { command, env, cwd } = contestant.start({ ...settings, port })
  const log = join(folder, `${contestant.name}.log`)
  const output = openSync(log, 'w')
  // Should the bench be killed, nothing of it stays.
  const pinned = ['-c', String(core), 'setpriv', '--pdeathsig', 'KILL', ...command]
  const child = spawn('taskset', pinned, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    cwd,
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  running.add(child)
  const ended = once(child, 'exit').then(() => running.delete(child))
  const server = {
    port,
    pid: child.pid,
    cpu: () => treeOf(child.pid).reduce((sum, pid) => sum + cpuOf(pid), 0),
    log: () => readFileSync(log, 'utf8').slice(-1500),
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await ended
      clearTimeout(timer)
      rmSync(log, { force: true })
    },
  }
  const until = performance.now() + PATIENCE
  while (!(await accepts(port))) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended: ${server.log()}`)
    if (performance.now() > until) {
      await server.stop()
      throw new Error('it did not listen within half a minute')
    }
    await pause(2)
  }
  return server
}

/** A program of the bench's own that tells its port, or that it is ready, as its first message. */
export async function startHelper(module, env, core = LOAD_CORE) {
  const child = fork(new URL(module, import.meta.url), {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  running.add(child)
  const ended = once(child, 'exit').then(() => running.delete(child))
  // A fork begins where its parent is, on the load's core.
  if (core !== LOAD_CORE) await run('taskset', ['-a', '-cp', String(core), String(child.pid)])
  const ask = async (message) => {
    child.send(message)
    const [answer] = await Promise.race([once(child, 'message'), ended.then(() => failed(module))])
    return answer
  }
  const [first] = await Promise.race([once(child, 'message'), ended.then(() => failed(module))])
  return {
    port: first,
    pid: child.pid,
    cpu: () => cpuOf(child.pid),
    ask,
    async stop() {
      child.kill()
      await ended
    },
  }
}

const failed = (what) => {
  throw new Error(`${what} ended`)
}

/** Runs a program to its end and gives what it printed; `heard` is told each text when it comes. */
export async function run(command, args, options = {}, heard = () => {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  running.add(child)
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      texts[name] += text
      heard(text, child)
    })
  }
  const [status] = await once(child, 'close')
  running.delete(child)
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: status ${status}\n${texts.stderr}`)
  return texts.stdout
}

/** For an end that comes early. */
export function killAll() {
  for (const pid of [...running].flatMap((child) => treeOf(child.pid))) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

/** One request, however it is answered: `{status, headers, body}`; `undefined` where nobody answers. */
export function ask(port, { method, path, headers, body }, agent) {
  return new Promise((resolve) => {
    const options = { port, host: '127.0.0.1', method, path, agent, headers: { ...headers } }
    if (body) options.headers['Content-Length'] = Buffer.byteLength(body)
    request(options, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: text }),
      )
      response.on('error', () => resolve(undefined))
    })
      .on('error', () => resolve(undefined))
      .end(body)
  })
}
