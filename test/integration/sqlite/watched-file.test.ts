import { appendFileSync, readdirSync, readFileSync, readlinkSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { type WatchedFile, watchFile } from '#src/adapters/sqlite/file/place.js'
import { temporaryFolder } from '../../support/service/spawn-service.js'
import { openRawSqlite } from '../../support/store/open-sqlite-store.js'

const onLinux = process.platform === 'linux' ? it : it.skip

describe('the file of a SQLite store, watched', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let path: string
  let looks: number
  let isThere: boolean
  let watched: WatchedFile[]
  beforeEach(() => {
    folder = temporaryFolder()
    path = join(folder.path, 'sessions.db')
    for (const suffix of ['', '-wal', '-shm']) writeFileSync(path + suffix, 'x')
    looks = 0
    isThere = true
    watched = []
  })
  afterEach(() => {
    for (const each of watched) each.close()
    folder.remove()
  })

  const watch = (at = path) => {
    const isInPlace = () => {
      looks++
      return isThere
    }
    const file = watchFile({ path: at, isInPlace })
    watched.push(file)
    return file
  }
  /** Until the system has told of a change; it does so in its own time. */
  const changed = async (file: WatchedFile) => {
    for (const before = looks; looks === before; await nextTurn()) file.seemsInPlace()
  }
  const watches = () =>
    readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        if (!readlinkSync(`/proc/self/fd/${fd}`).endsWith('inotify')) return []
        return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').match(/^inotify /gm) ?? []
      } catch {
        return []
      }
    }).length

  onLinux('is not looked at for what is written into other files of its folder', async () => {
    const log = join(folder.path, 'log')
    writeFileSync(log, '')
    const file = watch()
    expect(file.seemsInPlace()).to.equal(true)
    for (let n = 0; n < 10; n++) appendFileSync(log, 'a line')
    // What comes after it has been told, it has been told as well.
    writeFileSync(join(folder.path, 'other'), '')
    await changed(file)
    expect(looks).to.equal(2)
  })

  onLinux('is looked at once for many reads, and not for a commit', async () => {
    const file = watch()
    for (let n = 0; n < 100; n++) expect(file.seemsInPlace()).to.equal(true)
    expect(looks).to.equal(1)
    appendFileSync(`${path}-wal`, 'a commit')
    // What comes after it has been told, it has been told as well.
    writeFileSync(join(folder.path, 'other'), '')
    await changed(file)
    const before = looks
    appendFileSync(`${path}-wal`, 'another')
    for (let n = 0; n < 100; n++) {
      file.seemsInPlace()
      await nextTurn()
    }
    expect(looks - before).to.be.at.most(1)
  })

  onLinux('is looked at again after every other change', async () => {
    const file = watch()
    file.seemsInPlace()
    const changes = [
      () => appendFileSync(path, 'a checkpoint'),
      () => renameSync(`${path}-wal`, `${path}-aside`),
      () => renameSync(`${path}-aside`, `${path}-wal`),
      () => renameSync(`${path}-shm`, `${path}-gone`),
      () => renameSync(folder.path, `${folder.path}-moved`),
      () => renameSync(`${folder.path}-moved`, folder.path),
    ]
    for (const change of changes) {
      for (let n = 0; n < 20; n++) await nextTurn()
      file.seemsInPlace()
      change()
      await changed(file)
    }
  })

  it('is known to be gone from the look of anybody on', () => {
    const file = watch()
    file.seemsInPlace()
    isThere = false
    expect(file.isInPlace()).to.equal(false)
    expect(file.seemsInPlace()).to.equal(false)
  })

  it('is looked at every time where the system does not tell of changes, and when the watch has ended', () => {
    const unwatched = watch(join(folder.path, 'no such folder', 'sessions.db'))
    for (let n = 0; n < 5; n++) unwatched.seemsInPlace()
    expect(looks).to.equal(5)
    const ended = watch()
    ended.seemsInPlace()
    ended.close()
    for (let n = 0; n < 5; n++) ended.seemsInPlace()
    expect(looks).to.equal(11)
  })

  onLinux('is no longer watched once the store is closed', async () => {
    const at = join(folder.path, 'another.db')
    const before = watches()
    for (let n = 0; n < 3; n++) {
      const { raw, close } = openRawSqlite({ path: at, clock: () => 0 })
      await raw.epoch()
      expect(watches()).to.equal(before + 1)
      await close()
    }
    expect(watches()).to.equal(before)
  })
})
