import type { Playable } from '../fault.js'
import { diskFaults } from './disk.js'
import { fileFaults } from './files.js'
import { mountedFaults } from './mounted.js'
import { otherFaults } from './others.js'
import { walFaults } from './wal.js'

export const storeFaults: readonly Playable[] = [
  ...diskFaults,
  ...fileFaults,
  ...mountedFaults,
  ...walFaults,
  ...otherFaults,
]
