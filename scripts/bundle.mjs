// Bundles what ships in one file: the service, the client as the mini-program tools take it, and the playground.
import { cp } from 'node:fs/promises'
import { build } from 'esbuild'

const logLevel = 'warning'

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
 * the start; in one file the service answers about 170 ms earlier. The doctor runs unbundled.
 */
const service = build({
  ...forNode,
  entryPoints: ['dist/app/main.js', 'dist/adapters/sqlite/writer/worker.js'],
  entryNames: '[name]',
  // What both programs need is one file. Nothing in it is loaded later: an import that fails once stays failed.
  splitting: true,
  sourcemap: true,
  // Koa and its kin are CommonJS and ask for Node's own modules by require. Our own files may import createRequire too.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
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
  logLevel,
  logOverride: { 'commonjs-variable-in-esm': 'silent' },
}).then(() => cp('client/src/miniprogram.package.json', 'client/miniprogram_dist/package.json'))

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

await Promise.all([service, healthcheck, client, playground])
