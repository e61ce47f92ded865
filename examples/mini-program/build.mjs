/**
 * Builds the examples in Taro and uni-app with the client as npm would deliver it, and starts what they made in Node, with
 * the simulator as `wx`: it has to log in at a real service. Not part of `npm test`: they are some hundred packages each.
 *
 *     node examples/mini-program/build.mjs [taro | uni-app]
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createWx } from '@r3session/wx-simulator'
import { npmPack } from '../../scripts/npm-pack.mjs'

const PAGE = 'pages/orders/orders'

/** Where each puts the mini program. */
const outputs = { taro: 'dist', 'uni-app': 'dist/build/mp-weixin' }

const here = import.meta.dirname
const say = (text) => process.stdout.write(`${text}\n`)
const npm = (cwd, ...args) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })

const folder = mkdtempSync(join(tmpdir(), 'mini-programs-'))
try {
  const client = join(here, '../../client')
  const { filename } = npmPack(client, folder)
  for (const name of process.argv[2] ? [process.argv[2]] : Object.keys(outputs)) {
    const output = build(name, filename)
    await start(name, output)
  }
} finally {
  rmSync(folder, { recursive: true })
}

function build(name, tarball) {
  const project = join(folder, name)
  cpSync(join(here, name), project, {
    recursive: true,
    filter: (path) => !/[\\/](node_modules|dist)$/.test(path),
  })
  const manifest = readFileSync(join(project, 'package.json'), 'utf8')
  writeFileSync(join(project, 'package.json'), manifest.replace('file:../../../client', `file:../${tarball}`))
  say(`${name}: installing, which takes some minutes`)
  npm(project, 'install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error')
  npm(project, 'run', 'build')
  const output = join(project, outputs[name])
  const { pages } = JSON.parse(readFileSync(join(output, 'app.json'), 'utf8'))
  if (!pages.includes(PAGE)) throw new Error(`${name}: app.json has no ${PAGE}`)
  for (const extension of ['js', 'wxml'])
    if (!existsSync(join(output, `${PAGE}.${extension}`))) throw new Error(`${name}: no ${PAGE}.${extension}`)
  const scripts = readdirSync(output, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.js'),
  )
  const holders = scripts.filter((path) =>
    readFileSync(join(output, path), 'utf8').includes('Idempotency-Key'),
  )
  if (holders.length !== 1) throw new Error(`${name}: the client is in ${holders.length} files`)
  say(`${name}: built; ${scripts.length} scripts, the client is in ${holders[0]}`)
  return output
}

/** Starts the mini program on a simulated phone, and waits until it has a session. */
async function start(name, output) {
  const port = await freePort()
  const service = spawn(process.execPath, [join(here, '../../dist/bundle/main.js')], {
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      SESSION_STORE: 'sqlite::memory:',
      LOG_LEVEL: 'silent',
    },
    stdio: 'ignore',
  })
  const exited = once(service, 'exit')
  const url = `http://127.0.0.1:${port}`
  try {
    await until('the service', () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    const wx = createWx({
      appid: 'wxd3300000000000d3',
      weixin: url,
      hosts: { 'https://login.example.com': url },
    })
    let app
    Object.assign(globalThis, {
      wx,
      getApp: () => app,
      getCurrentPages: () => [],
      App: (definition) => {
        app = definition
      },
      Page: () => {},
      Component: () => {},
      Behavior: (definition) => definition,
    })
    // The package of r3session is a module, the scripts of a mini program are not.
    writeFileSync(join(output, 'package.json'), '{ "type": "commonjs" }')
    const require = createRequire(join(output, 'package.json'))
    require('./app.js')
    require(`./${PAGE}.js`)
    app.onLaunch.call(app, { path: PAGE, query: {}, scene: 1001 })
    await until('a session', () => wx.getStorageInfoSync().keys.includes('r3session'))
    say(`${name}: starts in Node on the simulator, and logs in`)
  } finally {
    service.kill()
    await exited
  }
}

async function until(what, isSo) {
  for (let tries = 0; tries < 100; tries++) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${what} did not come`)
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
