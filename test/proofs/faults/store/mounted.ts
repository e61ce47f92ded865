/** A folder that is mounted read-only, in a mount namespace of the service's own. */
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Playable } from '../fault.js'
import { betweenStarts, refusedWhole } from './files.js'

/** Mounts the folder anew where there is a file of its name with `.ro` behind it, and becomes the program. */
const SCRIPT =
  'if [ -e "$0.ro" ]; then mount --bind "$0" "$0" && mount -o remount,ro,bind "$0"; fi && exec "$@"'

const fault: Playable = {
  group: 'store',
  name: 'read-only folder',
  made: 'the folder of the database mounted read-only between two starts',
  expected: refusedWhole,
  async play(stage) {
    const store = join(stage.folder, 'mounted', 'sessions.db')
    const folder = dirname(store)
    const house = await stage.house({ store, through: ['unshare', '--mount', 'sh', '-c', SCRIPT, folder] })
    return betweenStarts(house, {
      change: () => writeFileSync(`${folder}.ro`, ''),
      mend: () => rmSync(`${folder}.ro`),
    })
  },
}

/** Only root may mount, and in many containers not even root. */
const mayMount = spawnSync('unshare', ['--mount', 'mount', '--bind', '/tmp', '/tmp']).status === 0

export const mountedFaults: readonly Playable[] = mayMount ? [fault] : []
