import { execFileSync } from 'node:child_process'

/** Packs the package in a folder into another; gives `{ filename, size, unpackedSize, entryCount }`. */
export function npmPack(folder, target) {
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', target]
  const told = execFileSync('npm', args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // A list, or from npm 12 on an object by name.
  return Object.values(JSON.parse(told))[0]
}
