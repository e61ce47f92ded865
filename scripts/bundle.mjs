// Bundles the program that `npm start` and the container run. Loading some 700 small files takes longer than all the
// rest of the start; in one file the service answers about 170 ms earlier. Doctor and health check run unbundled.
import { build } from 'esbuild'

await build({
  entryPoints: ['dist/app/main.js', 'dist/adapters/sqlite-worker.js'],
  outdir: 'dist/bundle',
  entryNames: '[name]',
  bundle: true,
  // Keeps got a file of its own, so that it is loaded only when WeChat is asked.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  external: ['better-sqlite3'],
  // Koa and its kin are CommonJS and ask for Node's own modules by require.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
})
