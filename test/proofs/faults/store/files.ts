/** What becomes of the database's files: under a running service, and between two starts. */
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import type { Expected, Playable, Seen } from '../fault.js'
import type { House } from '../stage/house.js'

const PAGE = 4096
const WAL = ['-wal', '-shm']

/** A whole copy of the database as it is now, and how it is put back in its place. */
export function backUp({ store }: House): () => void {
  const copy = `${store}.copy`
  const db = openConnection(store)
  rmSync(copy, { force: true })
  db.exec(`VACUUM INTO '${copy}'`)
  db.close()
  return () => {
    for (const suffix of WAL) rmSync(store + suffix, { force: true })
    copyFileSync(copy, store)
  }
}

/** Overwrites what lies in the file between two places. */
export function spoil(path: string, from: number, to: number): void {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(to - from, 0xa5), 0, to - from, from)
  closeSync(file)
}

/** The bytes of database, WAL and secret: a start that is refused must leave them as they are. */
export const bytesOf = ({ store }: House) =>
  ['', '-wal', '.secret']
    .map((suffix) => (existsSync(store + suffix) ? readFileSync(store + suffix, 'latin1') : 'gone'))
    .join('|')

/** The service ended, the files changed, a start tried; then the files are mended, and it starts with everything. */
export async function betweenStarts(
  house: House,
  { signal = 'SIGTERM', change, mend }: { signal?: NodeJS.Signals; change: () => void; mend: () => void },
): Promise<Seen> {
  await house.end(signal)
  change()
  const before = bytesOf(house)
  const start = await house.start()
  const files = bytesOf(house) === before ? 'untouched' : 'changed'
  if (start === 'listening') await house.end()
  mend()
  const again = await house.start()
  if (again !== 'listening') return { start, files, recovered: again }
  const lost = await house.lost()
  const recovered = (await house.recovery()) === 'no' ? 'no' : 'with a start'
  return { start, files, lost, recovered }
}

const refused = '1 cannot open the store'
export const refusedWhole: Expected = {
  start: refused,
  files: 'untouched',
  lost: 0,
  recovered: 'with a start',
}

/** The files changed under the running service; then mended, and it is started again. */
async function underWay(
  house: House,
  { change, mend }: { change: () => void; mend: () => void },
): Promise<Seen> {
  change()
  const asked = await house.login()
  const sessions = new Set<string>()
  for (const token of house.ledger.live()) sessions.add(await house.verify(token))
  const ready = await house.ready()
  await house.end()
  mend()
  const start = await house.start()
  if (start !== 'listening') return { asked, sessions: [...sessions], ready, recovered: start }
  const lost = await house.lost()
  const recovered = (await house.recovery()) === 'no' ? 'no' : 'with a start'
  return { asked, sessions: [...sessions], ready, lost, recovered }
}

const unavailable = '503 storage_unavailable'
const noticed: Expected = {
  asked: unavailable,
  sessions: unavailable,
  ready: unavailable,
  lost: 0,
  recovered: 'with a start',
}

type Changes = (house: House) => { change: () => void; mend: () => void }

const fileFault = (
  name: string,
  made: string,
  when: 'between starts' | 'under way',
  changes: Changes,
  expected = when === 'under way' ? noticed : refusedWhole,
): Playable => ({
  group: 'store',
  name,
  made,
  expected,
  async play(stage) {
    const house = await stage.house()
    return (when === 'under way' ? underWay : betweenStarts)(house, changes(house))
  },
})

export const fileFaults: readonly Playable[] = [
  fileFault(
    'corrupt header',
    'the first 100 bytes overwritten between two starts',
    'between starts',
    (house) => {
      const mend = backUp(house)
      return { change: () => spoil(house.store, 0, 100), mend }
    },
  ),
  fileFault(
    'corrupt page',
    'a page in the middle overwritten between two starts',
    'between starts',
    (house) => {
      const mend = backUp(house)
      return { change: () => spoil(house.store, 2 * PAGE, 3 * PAGE), mend }
    },
  ),
  fileFault(
    'corrupt pages under way',
    'all pages but the first overwritten while it runs',
    'under way',
    (house) => {
      const mend = backUp(house)
      function change(): void {
        const db = openConnection(house.store)
        db.pragma('wal_checkpoint(TRUNCATE)')
        spoil(house.store, PAGE, statSync(house.store).size)
        // Word of a change, on which each connection reads all pages anew.
        db.pragma('user_version = 1')
        db.close()
      }
      return { change, mend }
    },
  ),
  fileFault('emptied', 'truncated to 0 bytes while it runs', 'under way', (house) => {
    const mend = backUp(house)
    return { change: () => truncateSync(house.store, 0), mend }
  }),
  fileFault('deleted', 'deleted while it runs', 'under way', (house) => {
    const mend = backUp(house)
    return { change: () => rmSync(house.store), mend }
  }),
  fileFault('replaced', 'a copy of it put in its place while it runs', 'under way', (house) => {
    const mend = backUp(house)
    return {
      change: () => renameSync(`${house.store}.copy`, house.store),
      mend: () => mendIfThere(mend, house),
    }
  }),
  fileFault('deleted between starts', 'deleted, while its secret is left', 'between starts', (house) => {
    const mend = backUp(house)
    return {
      change: () => [house.store, `${house.store}-wal`].map((path) => rmSync(path, { force: true })),
      mend,
    }
  }),
]

function mendIfThere(mend: () => void, { store }: House): void {
  if (existsSync(`${store}.copy`)) mend()
  else for (const suffix of WAL) rmSync(store + suffix, { force: true })
}
