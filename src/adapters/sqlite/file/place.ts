import { type FSWatcher, statSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

/** Where a database lives, and whether it still does. */
export interface DatabaseFile {
  readonly path: string
  /**
   * Whether the file at the path is still the one that was opened. SQLite itself goes on writing, without an error,
   * to a file that was deleted, replaced or emptied. Once false this stays false: a file that came back may lack
   * what was written meanwhile.
   */
  isInPlace(): boolean
}

/** When the database at the path was last written, milliseconds since 1970; `undefined` where there is none. */
export function lastWrittenAt(path: string): number | undefined {
  const times = [path, `${path}-wal`].flatMap((file) => {
    try {
      return Math.floor(statSync(file).mtimeMs)
    } catch {
      // Whatever is the matter, opening it says so.
      return []
    }
  })
  return times.length === 0 ? undefined : Math.max(...times)
}

/** The file that is at the path now, with its WAL and its index. */
export function fileAt(path: string): DatabaseFile {
  const whereabouts = () => {
    const db = statSync(path, { throwIfNoEntry: false })
    // Without the shm that others open, processes don't see each other's locks and overwrite each other's commits.
    const besides = ['-wal', '-shm'].map((suffix) => statSync(path + suffix, { throwIfNoEntry: false }))
    const all = [db, ...besides]
    return db && db.size > 0 ? all.map((file) => file && `${file.dev} ${file.ino}`).join() : 'nowhere'
  }
  const opened = whereabouts()
  let inPlace = opened !== 'nowhere'
  return {
    path,
    isInPlace() {
      inPlace &&= whereabouts() === opened
      return inPlace
    },
  }
}

/** The same, with a cheaper way to ask. */
export interface WatchedFile extends DatabaseFile {
  /**
   * The answer as it was at the last look, unless the system has told of a change in the folder since: a look costs
   * more than a read. A commit is none: it changes what is in the WAL, while a WAL that was taken away or replaced is
   * another file.
   *
   * The system tells at the next turn of the event loop, so what is read in the turn in which the file went may still
   * be answered from it. It does not tell of a folder further up that was renamed, nor of what another machine does on
   * a network file system: that is seen at the next look, which every write and every probe takes.
   *
   * Without word from the system (other systems than Linux; no more watches to be had) it looks every time.
   */
  seemsInPlace(): boolean
  close(): void
}

export function watchFile(file: DatabaseFile): WatchedFile {
  const name = basename(file.path)
  // A commit changes the WAL, and whatever else lies in the folder changes as it likes: a log, say.
  const telling = [null, name, `${name}-shm`]
  let seen = true
  let isFresh = false
  let watcher = file.path === ':memory:' ? undefined : watchFolder(dirname(file.path))
  watcher?.on('change', (event, changed) => {
    if (event !== 'change' || telling.includes(changed as string | null)) isFresh = false
  })
  watcher?.on('error', close)

  function isInPlace(): boolean {
    // The look itself may fail.
    isFresh = false
    seen = file.isInPlace()
    isFresh = watcher !== undefined
    return seen
  }

  function close(): void {
    watcher?.close()
    watcher = undefined
    isFresh = false
  }

  return { path: file.path, isInPlace, seemsInPlace: () => (isFresh ? seen : isInPlace()), close }
}

function watchFolder(folder: string): FSWatcher | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    return watch(folder, { persistent: false })
  } catch {
    // Most often EMFILE or ENOSPC: the system's limits for watches are reached.
    return undefined
  }
}
