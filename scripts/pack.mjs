/**
 * Makes the tarballs that are published, out of what is built: without sources, source maps and whatever else nobody needs
 * who installs them, in ES modules and CommonJS with types for each, and with links that lead somewhere.
 *
 *     npm run build && node scripts/pack.mjs [folder, dist/packages]
 */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { npmPack } from './npm-pack.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = resolve(process.argv[2] ?? join(root, 'dist/packages'))
/** Paths below a folder that fit, with slashes. */
const filesIn = (folder, fits = /./) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll('\\', '/'))
    .filter((path) => fits.test(path))
    .sort()
const manifestIn = (folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
const project = manifestIn('.')

/** Both kinds of modules, each with its types: what TypeScript reads is of one kind, too. */
const dual = (folder, required = `${folder}/cjs/index.js`) => ({
  import: { types: `${folder}/index.d.ts`, default: `${folder}/index.js` },
  require: { types: `${folder}/cjs/index.d.ts`, default: required },
})

/**
 * `files`: what it has, by what fits below a folder of the tree, and where in the tarball. `pages`: those that its README
 * leads to, which come along. `commonjs`: the folder that is offered to `require` as well.
 */
const CODE = /\.(js|d\.ts)$/

const packages = [
  {
    folder: '.',
    files: [
      ['dist/bundle', /\.js$/, 'dist/bundle'],
      ['dist/sandbox', CODE, 'dist/sandbox'],
      ['dist/playground', /./, 'dist/playground'],
      ['deploy', /./, 'deploy'],
    ],
    pages: [
      'README.zh-CN.md',
      'CHANGELOG.md',
      'SECURITY.md',
      'SECURITY.zh-CN.md',
      ...filesIn(join(root, 'docs'), /\.md$/).map((page) => `docs/${page}`),
    ],
    commonjs: 'dist/sandbox',
    /** All else is in the bundle, under its licence. What Node 20 needs in place of it is asked for by name. */
    manifest: {
      bin: { r3session: './dist/bundle/cli.js' },
      exports: { './sandbox': dual('./dist/sandbox'), './package.json': './package.json' },
      dependencies: { 'better-sqlite3': project.dependencies['better-sqlite3'] },
    },
    licences: filesIn(join(root, 'dist/bundle'), /\.js\.map$/).map((map) => `dist/bundle/${map}`),
  },
  {
    folder: 'sandbox',
    files: [['dist/sandbox', CODE, 'dist']],
    pages: ['docs/testing.md'],
    commonjs: 'dist',
    manifest: {
      main: './dist/cjs/index.js',
      types: './dist/cjs/index.d.ts',
      exports: { '.': dual('./dist') },
    },
  },
  {
    folder: 'client',
    files: [
      ['client/dist', CODE, 'dist'],
      ['client/miniprogram_dist', /./, 'miniprogram_dist'],
    ],
    pages: ['docs/client.md', 'docs/client.zh-CN.md'],
    commonjsTypes: 'dist',
    manifest: {
      exports: { '.': dual('./dist', './miniprogram_dist/index.js') },
      types: './dist/cjs/index.d.ts',
    },
  },
  {
    folder: 'simulator',
    files: [['simulator/dist', CODE, 'dist']],
    pages: ['docs/wx-simulator.md'],
    commonjs: 'dist',
    manifest: {
      main: './dist/cjs/index.js',
      types: './dist/cjs/index.d.ts',
      exports: { '.': dual('./dist') },
    },
  },
  {
    folder: 'verify',
    files: [['verify/dist', /\.(js|d\.ts|json)$/, 'dist']],
    pages: ['docs/behind-a-gateway.md', 'docs/behind-a-gateway.zh-CN.md'],
    manifest: {},
  },
]

rmSync(target, { recursive: true, force: true })
mkdirSync(target, { recursive: true })
for (const each of packages) {
  const stage = mkdtempSync(join(tmpdir(), 'r3session-pack-'))
  try {
    await prepare(each, stage)
    const { filename, size, unpackedSize, entryCount } = npmPack(stage, target)
    const [packed, unpacked] = [size, unpackedSize].map((bytes) => `${Math.ceil(bytes / 1000)} kB`)
    process.stdout.write(`${filename}: ${packed}, unpacked ${unpacked}, ${entryCount} files\n`)
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

async function prepare({ folder, files, pages, commonjs, commonjsTypes, manifest, licences = [] }, stage) {
  for (const [from, pattern, to] of files) {
    for (const path of filesIn(join(root, from), pattern)) copy(join(root, from, path), join(stage, to, path))
  }
  if (commonjs !== undefined) {
    await build({
      entryPoints: [join(stage, commonjs, 'index.js')],
      outfile: join(stage, commonjs, 'cjs/index.js'),
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      logLevel: 'warning',
    })
  }
  const typed = commonjs ?? commonjsTypes
  if (typed !== undefined) {
    for (const path of filesIn(join(stage, typed), /^(?!cjs\/).*\.d\.ts$/))
      copy(join(stage, typed, path), join(stage, typed, 'cjs', path))
    writeFileSync(join(stage, typed, 'cjs/package.json'), '{ "type": "commonjs" }\n')
  }

  // A page keeps its place below the root of the tree; a package's own README comes to the top of the tarball.
  const places = new Map(pages.map((page) => [page, page]))
  for (const page of ['README.md', 'README.zh-CN.md'])
    if (existsSync(join(root, folder, page))) places.set(posix.join(folder, page), page)
  if (folder === '.') for (const path of filesIn(stage)) places.set(path, path)
  places.set('LICENSE', 'LICENSE')
  for (const [page, place] of places) {
    if (!page.endsWith('.md')) continue
    const text = linked(readFileSync(join(root, page), 'utf8'), page, place, places)
    mkdirSync(dirname(join(stage, place)), { recursive: true })
    writeFileSync(join(stage, place), text)
  }
  copyFileSync(join(root, 'LICENSE'), join(stage, 'LICENSE'))
  if (licences.length > 0) writeFileSync(join(stage, 'THIRD-PARTY-LICENSES.txt'), licencesIn(licences))
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(published(folder, manifest), null, 2)}\n`)
}

/** Code is copied without the name of a source map that does not come along. */
function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true })
  if (!/\.(js|d\.ts)$/.test(from)) return cpSync(from, to)
  writeFileSync(to, readFileSync(from, 'utf8').replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, '\n'))
}

/** What those who install a package have to know, and none of what only this tree needs. */
function published(folder, changes) {
  const { scripts, files, devDependencies, optionalDependencies, workspaces, imports, allowScripts, ...own } =
    manifestIn(folder)
  const { version, repository } = project
  const { name, ...rest } = own
  return { name, ...rest, version, ...(repository && { repository }), ...changes }
}

/**
 * A page whose links lead to what is in the tarball. Where else they led in the tree nobody can follow them: they are
 * links to the repository once package.json names one, and until then their text alone.
 */
function linked(text, page, place, places) {
  const base = /https:\/\/[^#]+?(?=(\.git)?$)/.exec(project.repository?.url ?? '')?.[0]
  const leadsTo = (target) => {
    if (/^[a-z]+:|^#/i.test(target)) return target
    const [path, anchor] = target.split(/(?=#)/)
    const inTree = posix.join(posix.dirname(page), path)
    const there = places.get(inTree.replace(/\/$/, '/README.md')) ?? places.get(inTree)
    if (there !== undefined) return posix.relative(posix.dirname(place), there) + (anchor ?? '')
    return base && `${base}/blob/v${project.version}/${inTree}${anchor ?? ''}`
  }
  return text
    .split(/(^```.*?^```)/ms)
    .map((part, at) =>
      at % 2 === 1
        ? part
        : part
            .replace(/!\[([^\]]*)\]\(([^)\s]+)\)/g, (_whole, alt, to) =>
              leadsTo(to) ? `![${alt}](${leadsTo(to)})` : alt,
            )
            .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (_whole, words, to) =>
              leadsTo(to) ? `[${words}](${leadsTo(to)})` : words,
            ),
    )
    .join('')
}

/** The licences of what is in the bundle, which have to come with it. */
function licencesIn(maps) {
  const found = new Map()
  for (const map of maps) {
    for (const source of JSON.parse(readFileSync(join(root, map), 'utf8')).sources) {
      const [, path] = /^(?:\.\.\/)*(node_modules\/.*)$/.exec(source) ?? []
      const name = path && /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]
      if (name !== undefined) found.set(name, licenceOf(name))
    }
  }
  const texts = [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, text]) => text)
  if (texts.length === 0) throw new Error('the bundle has no source maps: npm run build makes them')
  return `dist/bundle holds code of these packages.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`
}

function licenceOf(path) {
  const { name, version, license, author } = JSON.parse(
    readFileSync(join(root, path, 'package.json'), 'utf8'),
  )
  const file = readdirSync(join(root, path)).find((name) => /^licen[sc]e/i.test(name))
  const who = typeof author === 'string' ? author : (author?.name ?? '')
  const text =
    file === undefined
      ? `${license}${who === '' ? '' : `, ${who}`}`
      : readFileSync(join(root, path, file), 'utf8')
  return `${name} ${version}\n\n${text.trim()}\n`
}
