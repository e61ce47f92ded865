/** The process told to end, killed, or stopped for a while, with work under way. */
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { until } from '../../../support/service/start-sandbox.js'
import { late } from '../../../support/wechat/faulty-server.js'
import type { Playable } from '../fault.js'
import { newCode } from '../stage/house.js'
import { healthy } from '../stage/stub.js'
import { confirmed, load } from './load.js'

export const endFaults: readonly Playable[] = [
  {
    group: 'process',
    name: 'SIGTERM under load',
    made: 'SIGTERM while 16 clients log in and out',
    expected: {
      // Whoever comes when it listens no more finds nobody; no connection that was taken is lost.
      asked: { anyOf: ['201', '204', '503 overloaded', 'refused'] },
      ended: 'status 0',
      lost: 0,
      recovered: 'with a start',
    },
    async play(stage) {
      const house = await stage.house()
      const clients = load(house, 16)
      await confirmed(house, 50)
      const { status, signal } = await house.service().kill('SIGTERM')
      const asked = await clients.stop()
      await house.start()
      return {
        asked,
        ended: signal === null ? `status ${status}` : String(signal),
        lost: await house.lost(),
        recovered: (await house.recovery()) === 'no' ? 'no' : 'with a start',
      }
    },
  },
  {
    group: 'process',
    name: 'SIGKILL under load',
    made: 'SIGKILL while 16 clients log in and out',
    expected: {
      asked: { anyOf: ['201', '204', 'none', 'refused'] },
      lost: 0,
      recovered: 'with a start',
    },
    async play(stage) {
      const house = await stage.house()
      const clients = load(house, 16)
      await confirmed(house, 50)
      await house.service().kill('SIGKILL')
      const asked = await clients.stop()
      await house.start()
      const lost = await house.lost()
      return { asked, lost, recovered: (await house.recovery()) === 'no' ? 'no' : 'with a start' }
    },
  },
  {
    group: 'process',
    name: 'stalled loop',
    made: 'SIGSTOP for 3 s, longer than the deadline of a call, with a login at WeChat; then SIGCONT',
    // WeChat's answer was there long before the service could look at it.
    expected: {
      asked: '201',
      calls: 1,
      sessions: '200',
      lost: 0,
      recovered: 'by itself',
    },
    async play(stage) {
      const house = await stage.house()
      house.wechat.meets(late(500, healthy))
      const before = house.wechat.requests.length
      const login = house.login()
      await until(() => house.wechat.requests.length > before)
      const pid = Number(house.service().pid)
      process.kill(pid, 'SIGSTOP')
      await pause(3000)
      process.kill(pid, 'SIGCONT')
      const { result: asked, sessions } = await house.verifyDuring(login)
      const calls = house.wechat.requests.length - before
      house.wechat.meets(healthy)
      return { asked, calls, sessions, recovered: await house.recovery(), lost: await house.lost() }
    },
  },
  {
    group: 'process',
    name: 'client gone mid-login',
    made: 'the client hangs up while WeChat is asked, and comes again with its Idempotency-Key',
    // One call: the retry gets what the first try brought.
    expected: { asked: '201', calls: 1, sessions: '200', lost: 0, recovered: 'by itself' },
    async play(stage) {
      const house = await stage.house()
      house.wechat.meets(late(300, healthy))
      const before = house.wechat.requests.length
      const body = { code: newCode() }
      const headers = { 'idempotency-key': '0123456789abcdef' }
      const agent = new Agent()
      const sent = request(`${house.service().url}/v1/login`, {
        agent,
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
      })
      sent.on('error', () => {})
      sent.end(JSON.stringify(body))
      await until(() => house.wechat.requests.length > before)
      const closed = new Promise((resolve) => sent.once('close', resolve))
      sent.destroy()
      await closed
      const { result, sessions } = await house.verifyDuring(
        house.send('POST', '/v1/login', { body, headers }),
      )
      house.ledger.note(result)
      const calls = house.wechat.requests.length - before
      house.wechat.meets(healthy)
      return {
        asked: `${result.status}${result.code === undefined ? '' : ` ${result.code}`}`,
        calls,
        sessions,
        recovered: await house.recovery(),
        lost: await house.lost(),
      }
    },
  },
]
