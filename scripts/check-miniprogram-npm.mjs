/**
 * Has WeChat's own tools "build npm" in the plain example, with the client as npm would deliver it, and runs what they put
 * into the mini program, as it is and turned into ES5. Not part of `npm test`: miniprogram-ci is some 1000 packages.
 *
 *     node scripts/check-miniprogram-npm.mjs [folder that has miniprogram-ci installed]
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { npmPack } from './npm-pack.mjs'

const MINIPROGRAM_CI = 'miniprogram-ci@2.1.42'

const say = (text) => process.stdout.write(`${text}\n`)
const npm = (cwd, ...args) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

const folder = mkdtempSync(join(tmpdir(), 'miniprogram-npm-'))
try {
  let tools = process.argv[2]
  if (tools === undefined) {
    tools = join(folder, 'tools')
    mkdirSync(tools)
    writeFileSync(join(tools, 'package.json'), '{ "private": true }')
    say(`installing ${MINIPROGRAM_CI}, which takes some minutes`)
    npm(tools, 'install', '--no-audit', '--no-fund', MINIPROGRAM_CI)
  }
  const require = createRequire(join(tools, 'package.json'))

  const project = join(folder, 'project')
  const installed = join(project, 'node_modules/@r3session/client')
  const isInstalled = (path) => /[\\/]node_modules$/.test(path)
  cpSync('examples/mini-program/plain', project, { recursive: true, filter: (path) => !isInstalled(path) })
  mkdirSync(installed, { recursive: true })
  const { filename } = npmPack('client', folder)
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1'])

  const result = await require('miniprogram-ci').packNpmManually({
    packageJsonPath: join(project, 'package.json'),
    miniprogramNpmDistDir: project,
  })
  say(`packNpmManually: ${JSON.stringify(result)}`)
  const built = join(project, 'miniprogram_npm/@r3session/client')
  say(`miniprogram_npm/@r3session/client: ${readdirSync(built).join(', ')}`)
  if (result.miniProgramPackNum !== 1 || result.warnList.length > 0)
    throw new Error('it was not taken as it is')

  const code = readFileSync(join(built, 'index.js'), 'utf8')
  const es5 = require('@babel/core').transformSync(code, {
    configFile: false,
    presets: [[require.resolve('@babel/preset-env'), { targets: { ie: '9' } }]],
  }).code
  await check('as it is', code)
  await check('as ES5', es5)
} finally {
  rmSync(folder, { recursive: true })
}

/** Logs in and fails with it, at a service that knows one answer each. */
async function check(name, code) {
  const module = { exports: {} }
  new Function('module', 'exports', code)(module, module.exports)
  const { createClient, R3SessionError } = module.exports
  const storage = {}
  const wx = {
    login: ({ success }) => success({ code: 'code' }),
    request({ url, header, success }) {
      if (url.endsWith('/v1/login'))
        success({ statusCode: 201, data: { r3session: 'f'.repeat(128), expiresIn: 60 }, header: {} })
      else success({ statusCode: 418, data: header.Authorization, header: {} })
    },
    getStorage: ({ fail }) => fail({ errMsg: 'getStorage:fail data not found' }),
    setStorage({ key, data, success }) {
      storage[key] = data
      success({})
    },
    removeStorage: ({ success }) => success({}),
  }
  const client = createClient({ baseUrl: 'https://login.example.com', wx })
  const { expiresIn } = await client.login()
  const error = await client.request({ url: '/tea' }).catch((failure) => failure)
  if (expiresIn !== 60 || storage.r3session !== 'f'.repeat(128)) throw new Error(`${name}: no login`)
  if (!(error instanceof R3SessionError) || !(error instanceof Error) || error.status !== 418)
    throw new Error(`${name}: no proper error`)
  say(`${name}: logs in, stores the token, fails properly`)
}
