/**
 * How many forgeries of sealed data open, and as what.
 *
 *   npm run build && npx tsc -b test && node bench/forge.mjs [how many] [seed] [folder of the built service]
 *
 * Counts what opens with a value that no genuine ciphertext holds, by field and by the forger's trick.
 */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { tryForgeries } from '../build/support/forger.js'
import { NOW, session } from '../build/support/genuine-data.js'

const [howMany = 200_000, seed = 1] = process.argv.slice(2, 4).map(Number)
const folder = pathToFileURL(`${resolve(process.argv[4] ?? 'dist')}/`)
const { createNodeDecryptor } = await import(new URL('adapters/crypto/decryptor.js', folder))
const { readOpenData } = await import(new URL('domain/open-data/open-data.js', folder))

const began = performance.now()
const { opened, successes, refused } = tryForgeries(howMany, seed, {
  decryptor: createNodeDecryptor(),
  read: (plaintext) => readOpenData(plaintext, session, 3_600_000, NOW),
})
console.log(
  `${howMany} forgeries in ${Math.round(performance.now() - began)} ms, seed ${seed}: ${opened} opened,`,
)
if (refused.length > 0) console.log(`genuine data refused: ${refused.join('; ')}`)
console.log(`${successes.length} of them with a value of the forger's own:`)
const counts = {}
for (const { how, field } of successes) {
  const name = `${field}: ${how}`
  counts[name] = (counts[name] ?? 0) + 1
}
for (const [name, count] of Object.entries(counts).sort()) console.log(`  ${name}  ${count}`)
for (const { field, value } of successes.slice(0, 12)) {
  console.log(`  e.g. ${field} ${JSON.stringify(value).slice(0, 100)}`)
}
