/**
 * Makes a release out of what is committed: one version in all packages, the changelog's "Unreleased" under its number,
 * the tarballs with their checksums, the notes, a commit and a tag. It pushes and publishes nothing: it says what is left.
 *
 *     node scripts/release.mjs 1.2.3 [--dry-run | --no-pack]
 *
 * `--dry-run` tells what it would do and changes nothing; `--no-pack` leaves the tarballs out.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const scripts = dirname(fileURLToPath(import.meta.url))
const output = 'dist/packages'
const say = (text) => process.stdout.write(`${text}\n`)
const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim()
const json = (path) => JSON.parse(readFileSync(path, 'utf8'))

class Refusal extends Error {}

try {
  release(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

function release(args) {
  const options = args.filter((arg) => arg.startsWith('-'))
  const [version = '', ...more] = args.filter((arg) => !arg.startsWith('-'))
  const unknown = options.find((option) => !['--dry-run', '--no-pack'].includes(option))
  if (unknown !== undefined || more.length > 0 || !/^\d+\.\d+\.\d+$/.test(version))
    throw new Refusal('usage: node scripts/release.mjs <major.minor.patch> [--dry-run | --no-pack]')
  const { version: present, workspaces } = json('package.json')
  if (!isLater(version, present)) throw new Refusal(`${version} does not come after ${present}`)
  if (git('status', '--porcelain') !== '') throw new Refusal('the tree has changes that are not committed')
  const tag = `v${version}`
  if (git('tag', '--list', tag) !== '') throw new Refusal(`there is a tag ${tag} already`)
  const changelog = readFileSync('CHANGELOG.md', 'utf8')
  const notes = sectionOf(changelog, 'Unreleased')
  if (notes === undefined) throw new Refusal('CHANGELOG.md has nothing under "Unreleased"')

  const manifests = ['.', ...workspaces].map((folder) => join(folder, 'package.json'))
  if (options.includes('--dry-run')) {
    say(`${present} would become ${version} in ${[...manifests, 'package-lock.json'].join(', ')}`)
    say(
      `the tag ${tag} would be set at a commit after ${git('rev-parse', '--short', 'HEAD')}, with these notes:\n`,
    )
    return say(notes)
  }

  for (const path of manifests) edit(path, (text) => withVersion(text, present, version))
  edit('package-lock.json', (text) => lockedAt(text, ['', ...workspaces], version))
  const today = new Date().toISOString().slice(0, 10)
  edit('CHANGELOG.md', (text) => text.replace(/^## Unreleased$/m, `## ${version} - ${today}`))

  mkdirSync(output, { recursive: true })
  if (!options.includes('--no-pack')) {
    execFileSync('npm', ['run', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] })
    say(execFileSync(process.execPath, [join(scripts, 'pack.mjs'), output], { encoding: 'utf8' }).trim())
  }
  const tarballs = readdirSync(output).filter((name) => name.endsWith(`-${version}.tgz`))
  const sums = tarballs.map((name) => {
    const sum = createHash('sha256')
      .update(readFileSync(join(output, name)))
      .digest('hex')
    return `${sum}  ${name}\n`
  })
  writeFileSync(join(output, 'SHA256SUMS'), sums.join(''))
  writeFileSync(join(output, 'NOTES.md'), `${notes}\n`)

  git('commit', '--quiet', '--all', '--message', `release: ${version}`)
  // Headings of the notes begin with #, which git would take for comments.
  git('tag', '--annotate', tag, '--cleanup=verbatim', '--file', join(output, 'NOTES.md'))
  say(`committed, and tagged ${tag}. What is left is yours, once npm run supply-chain has found nothing:`)
  say(`  git push origin HEAD ${tag}`)
  for (const name of tarballs) say(`  npm publish ${join(output, name)} --access public`)
  say(`  the release's page: ${output}/NOTES.md, with the tarballs, SHA256SUMS and dist/sbom.cdx.json`)
}

function edit(path, change) {
  writeFileSync(path, change(readFileSync(path, 'utf8')))
}

/** Dependencies on each other follow. */
function withVersion(text, present, version) {
  const manifest = JSON.parse(text)
  manifest.version = version
  for (const kind of ['dependencies', 'devDependencies'])
    for (const [name, wanted] of Object.entries(manifest[kind] ?? {}))
      if (name.startsWith('@r3session/') && wanted === present) manifest[kind][name] = version
  return `${JSON.stringify(manifest, null, 2)}\n`
}

function lockedAt(text, folders, version) {
  const lock = JSON.parse(text)
  const present = lock.version
  lock.version = version
  for (const folder of folders)
    lock.packages[folder] = JSON.parse(withVersion(JSON.stringify(lock.packages[folder]), present, version))
  return `${JSON.stringify(lock, null, 2)}\n`
}

/** The text of a section of the changelog; `undefined` where it is empty or not there. */
function sectionOf(changelog, title) {
  const [, text = ''] = new RegExp(`^## ${title}$\\n(.*?)(?=^## |$(?![^]))`, 'ms').exec(changelog) ?? []
  return text.trim() === '' ? undefined : text.trim()
}

function isLater(one, other) {
  const [first, second] = [one, other].map((version) => version.split('.').map(Number))
  const at = first.findIndex((number, index) => number !== second[index])
  return at >= 0 && first[at] > second[at]
}
