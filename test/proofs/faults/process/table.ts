import type { Playable } from '../fault.js'
import { clockFaults } from './clock.js'
import { endFaults } from './ends.js'
import { meansFaults } from './means.js'
import { twoFaults } from './two.js'

export const processFaults: readonly Playable[] = [...endFaults, ...meansFaults, ...clockFaults, ...twoFaults]
