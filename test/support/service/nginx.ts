import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** A gateway that may be installed here, configured by a file of `deploy/`. */
export interface Gateway {
  /** Also the name of its Debian package. */
  readonly name: string
  readonly installed: boolean
  /** Starts it in front of r3session and a service, both as host:port. The caller closes it. */
  start(r3session: string, service: string): Promise<RunningGateway>
}

export interface RunningGateway {
  readonly url: string
  close(): Promise<void>
}

export const nginx: Gateway = {
  name: 'nginx',
  installed: pathOf('nginx') !== undefined,
  async start(r3session, service) {
    const port = await freePort()
    const site = readDeployed('deploy/nginx.conf', {
      'server r3session:3000;': `server ${r3session};`,
      'server orders:8080;': `server ${service};`,
      'listen 80;': `listen 127.0.0.1:${port};`,
    })
    const main = (folder: string) => `
      user root;
      daemon off;
      pid ${folder}/pid;
      error_log ${folder}/log;
      events {}
      http {
        access_log off;
        ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
        include ${folder}/site;
      }`
    return startGateway('nginx', port, (folder) => {
      writeFileSync(join(folder, 'main'), main(folder))
      writeFileSync(join(folder, 'site'), site)
      return { args: ['-p', folder, '-c', join(folder, 'main'), '-e', join(folder, 'log')], env: {} }
    })
  },
}

/** A configuration as it is delivered, but for the addresses, each of which must be there. */
export function readDeployed(path: string, addresses: Record<string, string>): string {
  let text = readFileSync(path, 'utf8')
  for (const [delivered, here] of Object.entries(addresses)) {
    if (!text.includes(delivered)) throw new Error(`${path} has no ${delivered}`)
    text = text.replaceAll(delivered, here)
  }
  return text
}

/** Starts a program in a folder of its own and resolves when it listens. */
export async function startGateway(
  name: string,
  port: number,
  prepare: (folder: string) => { args: string[]; env: Record<string, string> },
): Promise<RunningGateway> {
  const folder = mkdtempSync(join(tmpdir(), `r3session-${name}-`))
  const { args, env } = prepare(folder)
  const child = spawn(pathOf(name) ?? name, args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] })
  let output = ''
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  const ended = once(child, 'exit')
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`${name} ended with status ${child.exitCode}: ${output}`)
    await pause(10)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      child.kill()
      await ended
      rmSync(folder, { recursive: true })
    },
  }
}

/** Where the program is; Debian keeps servers out of the path of plain users. */
export function pathOf(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path))
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
      .on('connect', () => resolve(true))
      .on('error', () => resolve(false))
      .on('connect', () => socket.destroy())
  })
}
