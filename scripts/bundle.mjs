// Bundles what ships in one file: the service, the client as the mini-program tools take it,
// the verifier as CommonJS, and the playground.
import { cp, readdir, rm, writeFile } from 'node:fs/promises'
import { createRequire, isBuiltin } from 'node:module'
import { build } from 'esbuild'
import { removeStale } from './stale.mjs'

const require = createRequire(import.meta.url)
const logLevel = 'warning'

/**
 * Takes Node's own modules by `require`. An `import` of one evaluates everything that it exports, and of `node:http` that
 * is a whole HTTP client (undici), which nobody here uses and which takes some 40 ms to load.
 */
const builtinsByRequire = {
  name: 'builtins by require',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /.*/ }, ({ path, kind }) =>
      kind !== 'require-call' && isBuiltin(path) ? { path, namespace: 'builtin' } : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => {
      const names = Object.keys(require(path)).filter(
        (name) => /^[A-Za-z_]\w*$/.test(name) && name !== 'default',
      )
      // Marked as pure, so that what nobody uses is left out, and no getter of it is called.
      const own = names.map((name) => `export const ${name} = /* @__PURE__ */ (() => all.${name})()`)
      return { contents: [`const all = require('${path}')`, 'export default all', ...own].join('\n') }
    })
  },
}

/** What is left of large tables: `part` of what the module at `path` exports, as JSON. */
const partOf = (filter, part) => ({
  name: `part of ${filter.source}`,
  setup({ onLoad }) {
    onLoad({ filter }, ({ path }) => ({ contents: JSON.stringify(part(require(path))), loader: 'json' }))
  },
})

/** Tables that are a quarter of all, and of which next to nothing is used. */
const tables = [
  // Bodies are read as `binary`, which Node itself decodes.
  partOf(/iconv-lite[\\/]encodings[\\/]sbcs-data-generated/, () => ({})),
  partOf(/iconv-lite[\\/]encodings[\\/]dbcs-/, () => ({})),
  // Answers name their type themselves; Koa asks for those of these by their extensions.
  partOf(/mime-db[\\/]db\.json$/, (types) => {
    const known = ['text/html', 'text/plain', 'application/json', 'application/octet-stream']
    return Object.fromEntries(known.map((type) => [type, types[type]]))
  }),
]

const unused = './scripts/unused.mjs'

/** Copies of packages, and packages that are loaded and never used. */
const spared = {
  // Four versions of a list of a thousand media types.
  'mime-types': require.resolve('mime-types'),
  // got asks for these in HTTP/2 and where it is given a cache.
  'http2-wrapper': unused,
  'cacheable-request': unused,
  'cacheable-lookup': unused,
  // co-body asks for it in forms, and we have it read texts.
  qs: unused,
  // pino writes in a thread where it is told to.
  'thread-stream': unused,
  // prom-client asks for it in exemplars only.
  '@opentelemetry/api': unused,
}

// Chunks of earlier builds have other names, and would be packed along; so would what was made of sources that are gone.
for (const folder of ['dist/bundle', 'dist/playground']) await rm(folder, { recursive: true, force: true })
removeStale('src', 'dist', ['bundle', 'playground', 'packages'])
for (const name of ['client', 'simulator', 'verify']) removeStale(`${name}/src`, `${name}/dist`, ['cjs'])

const forNode = {
  outdir: 'dist/bundle',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel,
}

/**
 * The program that `npm start` and the container run. Loading some 700 small files takes longer than all the rest of
 * the start; in one file the service answers about 170 ms earlier.
 */
const serviceOptions = {
  ...forNode,
  plugins: [builtinsByRequire, ...tables],
  alias: spared,
  // Half the size is read in half the time. Names stay, for the frames of a defect in the log.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 120,
  entryNames: '[name]',
  // What both programs need is one file. Nothing in it is loaded later: an import that fails once stays failed.
  splitting: true,
  sourcemap: true,
  // Koa and its kin are CommonJS and ask for Node's own modules by require. Our own files may import createRequire too.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
}

const service = build({
  ...serviceOptions,
  entryPoints: ['dist/app/main.js', 'dist/adapters/sqlite/writer/worker.js'],
})

/**
 * The command. It has a build of its own, so that not a byte of the service's own moves to another file for it; each of its
 * commands is a chunk that the others don't load, and the service is the file above.
 */
const command = build({
  ...serviceOptions,
  entryPoints: ['dist/app/cli.js'],
  external: ['./main.js'],
  chunkNames: 'cli-[hash]',
})

/** A container runs it every ten seconds: apart from the service it has of zod only what settings are parsed with. */
const healthcheck = build({ ...forNode, entryPoints: ['dist/app/healthcheck.js'] })

/**
 * What the tools' "build npm" copies into a mini program: CommonJS, and no syntax that an old phone does not know. The
 * names are put on `exports` by hand, because esbuild's own way of doing it would be 6 % of the file.
 */
const client = build({
  stdin: {
    contents: `
      import { createClient, R3SessionError } from './dist/index.js'
      exports.createClient = createClient
      exports.R3SessionError = R3SessionError`,
    resolveDir: 'client',
  },
  outfile: 'client/miniprogram_dist/index.js',
  bundle: true,
  format: 'cjs',
  platform: 'neutral',
  target: 'es2015',
  minify: true,
  // Names that only the client's own files see; together they are 2 % of the file.
  mangleProps: /^(authorized|check|current|discard(ed)?|forward|fresh|logins|settled|started|withToken)$/,
  logLevel,
  logOverride: { 'commonjs-variable-in-esm': 'silent' },
}).then(() => cp('client/src/miniprogram.package.json', 'client/miniprogram_dist/package.json'))

/** For those who require it: the same in CommonJS, with types of its own, since types too are of one kind of module. */
const verify = build({
  entryPoints: ['verify/dist/index.js'],
  outfile: 'verify/dist/cjs/index.js',
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  logLevel,
}).then(async () => {
  const types = (await readdir('verify/dist')).filter((name) => name.endsWith('.d.ts'))
  await Promise.all(types.map((name) => cp(`verify/dist/${name}`, `verify/dist/cjs/${name}`)))
  await writeFile('verify/dist/cjs/package.json', '{ "type": "commonjs" }\n')
})

const playground = build({
  entryPoints: ['playground/src/playground.ts', 'playground/src/playground.css'],
  outdir: 'dist/playground',
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  // Chinese as it is, not as escapes of twice the size.
  charset: 'utf8',
  minify: true,
  logLevel,
}).then(() => cp('playground/src/index.html', 'dist/playground/index.html'))

await Promise.all([service, command, healthcheck, client, verify, playground])
