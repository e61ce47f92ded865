/** All faults that the service is put through. */

import { processFaults } from './process/table.js'
import { storeFaults } from './store/table.js'
import { alone, type Task } from './task.js'
import { wechatInOneHouse } from './wechat/in-one-house.js'
import { badTls } from './wechat/tls.js'
import { unreachables } from './wechat/unreachable.js'

// The longest ones first, so that none of them is left alone at the end.
export const tasks: readonly Task[] = [
  ...wechatInOneHouse,
  badTls,
  ...[...unreachables, ...storeFaults, ...processFaults].map(alone),
]
