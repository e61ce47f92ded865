/** What lies beside the program in its package. The only file that counts on where the build puts it. */
import { readFileSync } from 'node:fs'

/** Both dist/app and dist/bundle, where the programs are, lie two folders deep. */
const root = new URL('../../', import.meta.url)

export const thisPackage = {
  version: String(JSON.parse(readFileSync(new URL('package.json', root), 'utf8')).version),
  /** The folder of the built playground. */
  playground: new URL('dist/playground/', root),
}
