import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { temporaryFolder } from './support/service/spawn-service.js'

describe('a release', function () {
  this.timeout(120_000)
  let folder: ReturnType<typeof temporaryFolder>
  const read = (name: string) => readFileSync(join(folder.path, name), 'utf8')
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
  const { version, workspaces } = manifest
  const next = `${Number(version.split('.')[0]) + 1}.0.0`
  const identity = { name: 'Nobody', email: 'nobody@example.com' }

  function run(
    program: string,
    ...args: string[]
  ): Promise<{ status: number; stdout: string; stderr: string }> {
    const env = {
      PATH: process.env['PATH'] ?? '',
      GIT_CONFIG_GLOBAL: '/dev/null',
      ...{ GIT_AUTHOR_NAME: identity.name, GIT_AUTHOR_EMAIL: identity.email },
      ...{ GIT_COMMITTER_NAME: identity.name, GIT_COMMITTER_EMAIL: identity.email },
    }
    return new Promise((done) => {
      execFile(program, args, { cwd: folder.path, env }, (error, stdout, stderr) =>
        done({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
      )
    })
  }
  const release = (...args: string[]) => run(process.execPath, resolve('scripts/release.mjs'), ...args)
  const git = async (...args: string[]) => (await run('git', ...args)).stdout.trim()

  beforeEach(async () => {
    folder = temporaryFolder()
    for (const name of ['package.json', 'package-lock.json', 'CHANGELOG.md'])
      cpSync(name, join(folder.path, name))
    for (const name of workspaces) {
      mkdirSync(join(folder.path, name))
      cpSync(`${name}/package.json`, join(folder.path, name, 'package.json'))
    }
    writeFileSync(join(folder.path, '.gitignore'), 'dist/\n')
    writeFileSync(
      join(folder.path, 'CHANGELOG.md'),
      `# Changelog\n\n## Unreleased\n\n### Added\n\n- Something.\n\n## ${version} - 2026-01-01\n\n- Before.\n`,
    )
    await git('init', '--quiet')
    await git('add', '--all')
    await git('commit', '--quiet', '--message', 'begin')
  })
  afterEach(() => folder.remove())

  it('has one version everywhere, its notes out of the changelog, a commit and a tag', async () => {
    const { status, stdout, stderr } = await release(next, '--no-pack')
    expect(status, stderr).to.equal(0)
    expect(stdout).to.include(`git push origin HEAD v${next}`)
    for (const name of ['.', ...workspaces])
      expect(JSON.parse(read(join(name, 'package.json'))).version, name).to.equal(next)
    const lock = JSON.parse(read('package-lock.json'))
    expect([lock.version, lock.packages[''].version]).to.deep.equal([next, next])
    for (const name of workspaces) expect(lock.packages[name].version, name).to.equal(next)
    expect(read('playground/package.json')).to.include(`"@r3session/client": "${next}"`)
    expect(read('CHANGELOG.md')).to.match(
      new RegExp(`^## ${next} - \\d{4}-\\d\\d-\\d\\d\\n\\n### Added`, 'm'),
    )
    expect(read('dist/packages/NOTES.md')).to.equal('### Added\n\n- Something.\n')
    expect(await git('tag', '--list', '--format=%(contents)')).to.equal('### Added\n\n- Something.')
    expect(await git('log', '-1', '--format=%s')).to.equal(`release: ${next}`)
    expect(await git('status', '--porcelain')).to.equal('')
  })

  it('is only told of by a dry run', async () => {
    const head = await git('rev-parse', 'HEAD')
    const { status, stdout } = await release(next, '--dry-run')
    expect(status).to.equal(0)
    expect(stdout).to.include(`${version} would become ${next}`).and.include('- Something.')
    expect([
      await git('rev-parse', 'HEAD'),
      await git('tag'),
      await git('status', '--porcelain'),
    ]).to.deep.equal([head, '', ''])
  })

  it('is refused for a version that does not come next, changes at hand, and a changelog without any', async () => {
    for (const [args, text] of [
      [[version], /does not come after/],
      [['0.0.1'], /does not come after/],
      [['next'], /usage/],
      [[next, '--force'], /usage/],
    ] as const) {
      const { status, stderr } = await release(...args)
      expect(status, args.join(' ')).to.equal(1)
      expect(stderr).to.match(text)
    }
    writeFileSync(
      join(folder.path, 'CHANGELOG.md'),
      `# Changelog\n\n## Unreleased\n\n## ${version} - 2026-01-01\n`,
    )
    expect((await release(next)).stderr).to.include('not committed')
    await git('commit', '--quiet', '--all', '--message', 'empty')
    expect((await release(next)).stderr).to.include('nothing under "Unreleased"')
  })
})
