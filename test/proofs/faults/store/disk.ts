/** A disk that fails, fills up, or is slow: system calls of the running service, by strace. */
import type { Expected, Playable } from '../fault.js'
import { withInjection } from '../stage/inject.js'

interface DiskFault {
  readonly name: string
  readonly made: string
  readonly calls: string
  readonly does: string
  readonly asked: readonly string[]
}

const unavailable = '503 storage_unavailable'

/** One login after the other, so that each is a commit of its own. */
const LOGINS = 6

const kinds: readonly DiskFault[] = [
  {
    name: 'full',
    made: 'ENOSPC from every write',
    calls: 'pwrite64',
    does: 'error=ENOSPC',
    asked: [unavailable],
  },
  {
    name: 'ENOSPC on a write',
    made: 'ENOSPC from the third write on',
    calls: 'pwrite64',
    does: 'error=ENOSPC:when=3+',
    asked: [unavailable, '201'],
  },
  {
    name: 'EIO on a write',
    made: 'EIO from the third write, once',
    calls: 'pwrite64',
    does: 'error=EIO:when=3',
    asked: [unavailable, '201'],
  },
  {
    name: 'EIO on fsync',
    made: 'EIO from the second fsync, once',
    calls: 'fsync,fdatasync',
    does: 'error=EIO:when=2',
    asked: [unavailable, '201'],
  },
  {
    name: 'ENOSPC on fsync',
    made: 'ENOSPC from every fsync',
    calls: 'fsync,fdatasync',
    does: 'error=ENOSPC',
    asked: [unavailable],
  },
  {
    name: 'read-only',
    made: 'EROFS from every write, as after a remount',
    calls: 'pwrite64,ftruncate',
    does: 'error=EROFS',
    asked: [unavailable],
  },
]

const expected: Expected = { sessions: '200', hits: 'some', lost: 0, recovered: 'by itself' }

const faults = kinds.map(
  ({ name, made, calls, does, asked: wanted }): Playable => ({
    group: 'store',
    name,
    made,
    expected: { asked: wanted, ...expected },
    needs: ['strace'],
    async play(stage) {
      const house = await stage.house()
      async function logins(): Promise<string[]> {
        const asked = new Set<string>()
        for (let n = 0; n < LOGINS; n++) asked.add(await house.login())
        return [...asked]
      }
      const paths = [house.store, `${house.store}-wal`]
      const { result, hits } = await withInjection(house.service().pid, { paths, calls, does }, () =>
        house.verifyDuring(logins()),
      )
      const recovered = await house.recovery()
      const whileRunning = await house.lost()
      // What counts is what is on the disk.
      await house.end('SIGKILL')
      const start = await house.start()
      return {
        asked: result.result,
        sessions: result.sessions,
        hits: hits > 0 ? 'some' : 'none',
        recovered,
        lost: start === 'listening' ? whileRunning + (await house.lost()) : start,
      }
    },
  }),
)

export const diskFaults: readonly Playable[] = [
  ...faults,
  {
    group: 'store',
    name: 'slow fsync',
    made: '30 logins at once, while each fsync takes 500 ms',
    expected: { asked: '201', sessions: '200', fsyncs: 'few', lost: 0, recovered: 'by itself' },
    needs: ['strace'],
    async play(stage) {
      const house = await stage.house()
      const paths = [house.store, `${house.store}-wal`]
      const slow = { paths, calls: 'fsync,fdatasync', does: 'delay_enter=500000' }
      const logins = () => Promise.all(Array.from({ length: 30 }, () => house.login()))
      const { result, hits } = await withInjection(house.service().pid, slow, () =>
        house.verifyDuring(logins()),
      )
      return {
        asked: [...new Set(result.result)],
        sessions: result.sessions,
        fsyncs: hits >= 1 && hits <= 10 ? 'few' : `${hits}`,
        recovered: await house.recovery(),
        lost: await house.lost(),
      }
    },
  },
]
