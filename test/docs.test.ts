import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { routesOf, type Service } from '#src/app/app.js'
import { settings } from '#src/app/config/settings.js'
import { errorHelp } from '#src/app/docs/help.js'
import { errorForms } from '#src/app/http/problems.js'
import { errorCodes } from '#src/domain/errors.js'
import { startSandbox } from '#src/sandbox/index.js'
import { pages, read } from './support/page/pages.js'
import { type SpawnedService, spawnService } from './support/service/spawn-service.js'

const run = promisify(execFile)

/** The cells of the table that follows a marker comment, without the header; code marks removed. */
function table(page: string, marker: string): string[][] {
  const [, rows = ''] = new RegExp(`<!-- ${marker} -->\n\\|.*\n\\|.*\n((?:\\|.*\n)+)`).exec(page) ?? []
  return rows
    .trim()
    .split('\n')
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    )
}

const serviceWithKeys = { serviceKeys: new Map([['papers', '']]) } as unknown as Service
const serviceWithSandbox = { ...serviceWithKeys, sandbox: {} } as unknown as Service
const routeNames = (service: Service) => routesOf(service).map(({ method, path }) => `${method} ${path}`)

/** The routes in the first cells of all tables of a page, as `GET /docs`. A cell may name several methods and paths. */
function routesIn(page: string): string[] {
  const cells = [...page.matchAll(/^\| (`(?:GET|POST|PUT|PATCH|DELETE)\b[^|]*)\|/gm)].map(
    ([, cell = '']) => cell,
  )
  return cells.flatMap((cell) =>
    [...cell.matchAll(/((?:\b[A-Z]+\b[^/A-Z]*)+)(\/[^\s`]*)/g)].flatMap(([, methods = '', path = '']) =>
      [...methods.matchAll(/[A-Z]+/g)].map(([method]) => `${method} ${path}`),
    ),
  )
}

const codeBlocks = (page: string, language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, code = '']) => code)

for (const name of ['README.md', 'README.zh-CN.md']) {
  describe(`${name} with the pages beside it`, () => {
    const page = read(name)
    const beside = (subject: string) => read(name.replace('README', `docs/${subject}`))

    it('lists every setting with its default', () => {
      const listed = table(beside('settings'), 'settings').map(
        ([name = '', value = '']): [string, string] => [name, value],
      )
      expect(listed.map(([name]) => name)).to.deep.equal(Object.keys(settings))
      for (const [name, value] of listed) {
        const real = Object.entries(settings).find(([key]) => key === name)?.[1].default
        if (real !== undefined) expect(value, name).to.equal(real)
        else expect(value, name).to.match(/^(none|made once|无|首次)/)
      }
    })

    it('lists every route of the service, and none that is not there', () => {
      const listed = routesIn(page)
      const [served, withSandbox] = [routeNames(serviceWithKeys), routeNames(serviceWithSandbox)]
      const isOfSandbox = (route: string) => route.includes(' /sandbox/')
      expect(listed.filter((route) => !isOfSandbox(route))).to.have.members(served)
      expect(withSandbox).to.include.members(listed.filter(isOfSandbox))
    })

    it('lists every error with its status and action', () => {
      const listed = table(beside('errors'), 'errors').map(([code, status, action]) => ({
        code,
        status: Number(status),
        action,
      }))
      const real = errorCodes.map((code) => ({
        code,
        status: errorForms[code].status,
        action: errorForms[code].action,
      }))
      expect(listed).to.have.deep.members(real)
    })

    it('says under a heading for each error why it comes about and what helps, as /docs does', () => {
      const language = name.includes('zh-CN') ? 'zh' : 'en'
      const plain = (text: string) => text.replace(/\s+/g, ' ')
      const sections = errorCodes.map((code) => {
        const { cause, cure } = errorHelp[code]
        return `### \`${code}\` ${cause[language]} ${cure[language]}`
      })
      const [written = ''] = /^### [\s\S]*/m.exec(beside('errors')) ?? []
      expect(plain(written.trim())).to.equal(sections.join(' '))
    })

    it('says it all in less than 150 lines', () => {
      expect(page.trimEnd().split('\n')).to.have.lengthOf.below(150)
    })
  })
}

describe('the requests in the README', () => {
  let service: SpawnedService
  before(async () => {
    service = await spawnService({ SESSION_STORE: 'sqlite::memory:' })
  })
  after(() => service.kill())
  const paste = async (block: string | undefined) => {
    const script = (block ?? 'exit 1').replaceAll('localhost:3000', new URL(service.url).host)
    return JSON.parse((await run('bash', ['-euo', 'pipefail', '-c', script])).stdout)
  }
  const requests = codeBlocks(read('README.md'), 'sh').filter((block) => block.includes('localhost:3000'))

  it('log in', async () => {
    const answer = await paste(requests[0])
    expect(answer)
      .to.have.property('r3session')
      .that.matches(/^[0-9a-f]{128}$/)
    expect(answer).to.have.property('expiresIn', 259_200)
  })

  it('open what wx.getUserInfo seals, with the fields that are shown', async () => {
    const answer = await paste(requests[1])
    const shown = JSON.parse(codeBlocks(read('README.md'), 'json')[1] ?? '')
    expect(answer.data).to.include.keys(Object.keys(shown.data))
    expect(answer.data.watermark).to.have.all.keys(Object.keys(shown.data.watermark))
  })
})

describe('the papers', () => {
  it('link to pages that exist', () => {
    const dead = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
        .map(([, target = '']) => join(dirname(page), target))
        .filter((target) => !existsSync(target))
        .map((target) => `${page}: ${target}`),
    )
    expect(dead).to.deep.equal([])
  })

  it('name files of the source tree that exist', () => {
    const written = read('ARCHITECTURE.md') + read('CONTRIBUTING.md')
    const named = [...written.matchAll(/([\w.-]+\.ts)\b/g)].map(([, name = '']) => name)
    const real = ['src', 'test', 'client/src', 'simulator/src', 'verify/src', 'playground/src'].flatMap(
      (folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }),
    )
    const basenames = new Set(real.map((path) => path.split('/').at(-1)))
    expect(named.filter((name) => !basenames.has(name))).to.deep.equal([])
  })

  const papers = [...pages, ...filesIn('deploy'), 'compose.yaml', 'Dockerfile']
  const lines = papers.flatMap((paper) =>
    read(paper)
      .split('\n')
      .map((line) => ({ paper, line })),
  )
  /** What a pattern's first group finds in the papers and `exists` does not know. */
  const absent = (pattern: RegExp, exists: (found: string, paper: string) => boolean) =>
    lines.flatMap(({ paper, line }) =>
      [...line.matchAll(pattern)]
        .map(([, found = '']) => found)
        .filter((found) => !exists(found, paper))
        .map((found) => `${paper}: ${found}`),
    )

  it('name scripts of npm that exist', () => {
    const scripts = Object.keys(JSON.parse(read('package.json')).scripts)
    expect(absent(/\bnpm run ([\w:-]+)/g, (name) => scripts.includes(name))).to.deep.equal([])
    expect(scripts).to.include.members(['start', 'test'])
  })

  it('name paths that exist, once the service is built', () => {
    const folders =
      /(?:^|[\s`("'=])((?:src|test|docs|deploy|client|simulator|verify|examples|playground|scripts|bench|dist)\/[\w./-]*\w)/g
    // What the reader is to write, and what a command writes that no test runs.
    const theirs = [
      'test/login.test.mjs',
      'deploy/wechat_secret',
      'dist/sbom.cdx.json',
      'examples/dist/nest/main.js',
      'test/mutations/report',
    ]
    const isThere = (path: string, paper: string) =>
      theirs.includes(path) || existsSync(path) || existsSync(join(dirname(paper), path))
    expect(absent(folders, isThere)).to.deep.equal([])
  })

  it('point containers at files that are there, or that the papers have the reader write', () => {
    const mounted = /(?:file: |volumes: \[")(\.\/[\w.]+)/g
    const ignored = read('.gitignore').split('\n')
    const found = absent(mounted, (path, paper) => existsSync(join(dirname(paper), path)))
    expect(found).to.have.members(['compose.yaml: ./wechat_secret', 'deploy/compose.yaml: ./wechat_secret'])
    // It holds an AppSecret: nobody should commit it by accident.
    expect(ignored).to.include('wechat_secret')
    for (const paper of ['compose.yaml', 'deploy/compose.yaml']) {
      expect(read(paper).split('services:')[0]).to.include('wechat_secret')
    }
  })

  it('set nothing but settings', () => {
    const known = new Set(Object.keys(settings).flatMap((name) => [name, `${name}_FILE`]))
    // The last one is what readers may have set by mistake.
    const others = ['NODE_ENV', 'NAME_FILE', 'WECHAT_APP_ID']
    const ours = /(?<![\w-])((?:WECHAT|SESSION|OPEN_DATA|SERVICE|TRUST|LOG)_[A-Z_]+)\b(?!-)/g
    expect(absent(ours, (name) => known.has(name) || others.includes(name))).to.deep.equal([])
    const environment = [
      ...read('compose.yaml').matchAll(/^ {6}([A-Z_]+): /gm),
      ...read('deploy/compose.yaml').matchAll(/^ {6}([A-Z_]+): /gm),
    ]
    expect(environment).to.have.lengthOf.above(2)
    for (const [, name = ''] of environment) expect(known.has(name), name).to.equal(true)
  })

  it('name routes that the service has, or that the sandbox has by itself', async () => {
    const service = { serviceKeys: new Map([['papers', '']]), sandbox: {} } as unknown as Service
    const paths = routesOf(service).map(({ path }) => path)
    const patterns = paths.map((path) => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`))
    const isServed = (path: string) =>
      patterns.some((one) => one.test(path)) || paths.some((one) => one.startsWith(`${path}/`))
    const others = absent(/(?<![\w.])(\/(?:v1|user|sandbox)\/[\w{}/-]*[\w}])/g, isServed)
    const weixin = await startSandbox()
    try {
      for (const found of others) {
        const [, path = ''] = found.split(': ')
        const { status } = await fetch(weixin.url + path, { method: 'POST' })
        expect(status, found).not.to.equal(404)
      }
    } finally {
      await weixin.close()
    }
  })
})

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
}
