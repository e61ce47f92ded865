/** A WeChat that can't be reached, each fault with a service of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { hang } from '../../../support/wechat/faulty-server.js'
import type { Playable, Seen } from '../fault.js'
import type { House } from '../stage/house.js'
import { withInjection } from '../stage/inject.js'
import { healthy, startStub } from '../stage/stub.js'

const unreachable = {
  asked: '503 wechat_unreachable',
  calls: 0,
  sessions: '200',
  lost: 0,
  recovered: 'by itself',
}

/** One login under the fault, and logins until they work again once it is lifted. */
async function under(house: House, lift: () => unknown): Promise<Seen> {
  const before = house.wechat.requests.length
  const { result: asked, sessions } = await house.verifyDuring(house.login())
  const calls = house.wechat.requests.length - before
  await lift()
  return { asked, calls, sessions, recovered: await house.recovery(), lost: await house.lost() }
}

/** Fails every look-up of a name while a file is there. Node takes `dns.lookup` anew for each connection. */
const failingLookup = (flag: string) => `
import dns from 'node:dns'
import { existsSync } from 'node:fs'
const { lookup } = dns
dns.lookup = (host, ...rest) => {
  if (!existsSync(${JSON.stringify(flag)})) return lookup(host, ...rest)
  const error = Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN', syscall: 'getaddrinfo' })
  setImmediate(rest.at(-1), error)
}
`

/** A port whose queue is full, so that the system drops every further SYN. Gives it up when told to. */
async function fullQueue(port: number): Promise<{ end: () => Promise<void> }> {
  const listen = `const s = require('net').createServer().listen({ port: ${port}, host: '127.0.0.1', backlog: 1 }, () => console.log('there'))`
  const child = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  // It accepts nothing any more.
  child.kill('SIGSTOP')
  const waiting: Socket[] = []
  for (let isFull = false; !isFull && waiting.length < 64; ) {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    waiting.push(socket)
    const tooLong = new Promise((resolve) => setTimeout(resolve, 500, 'full'))
    isFull = (await Promise.race([once(socket, 'connect'), tooLong])) === 'full'
  }
  return {
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return
      for (const socket of waiting) socket.destroy()
      child.kill('SIGKILL')
      await once(child, 'close')
    },
  }
}

export const unreachables: readonly Playable[] = [
  {
    group: 'WeChat',
    name: 'refused',
    made: 'nothing listens on its port',
    expected: unreachable,
    async play(stage) {
      const wechat = await stage.stub()
      const house = await stage.house({ wechat })
      await wechat.close()
      return under(house, async () => {
        const again = await startStub({ port: wechat.port })
        stage.atEnd(() => again.close())
      })
    },
  },
  {
    group: 'WeChat',
    name: 'SYN dropped',
    made: 'a listening socket with a full queue, which accepts nothing',
    expected: unreachable,
    async play(stage) {
      const wechat = await stage.stub()
      const house = await stage.house({ wechat })
      await wechat.close()
      const queue = await fullQueue(wechat.port)
      stage.atEnd(queue.end)
      return under(house, async () => {
        await queue.end()
        const there = await startStub({ port: wechat.port })
        stage.atEnd(() => there.close())
      })
    },
  },
  {
    group: 'WeChat',
    name: 'DNS fails',
    made: 'every look-up of its name gives EAI_AGAIN',
    expected: unreachable,
    async play(stage) {
      const [flag, preload] = [join(stage.folder, 'no-dns'), join(stage.folder, 'dns.mjs')]
      writeFileSync(preload, failingLookup(flag))
      const stub = await stage.stub()
      const wechat = { ...stub, url: stub.url.replace('127.0.0.1', 'localhost') }
      const house = await stage.house({ wechat, env: { NODE_OPTIONS: `--import=${pathToFileURL(preload)}` } })
      writeFileSync(flag, '')
      return under(house, () => rmSync(flag))
    },
  },
  {
    group: 'WeChat',
    name: 'DNS is slow',
    made: 'each look-up of its name takes 4 s, by strace, and all threads that look up wait',
    expected: unreachable,
    needs: ['strace'],
    async play(stage) {
      const stub = await stage.stub()
      const house = await stage.house({
        wechat: { ...stub, url: stub.url.replace('127.0.0.1', 'localhost') },
      })
      const before = stub.requests.length
      const slow = { paths: ['/etc/hosts'], calls: 'openat', does: 'delay_enter=4000000' }
      const { result } = await withInjection(house.service().pid, slow, () =>
        house.verifyDuring(house.login()),
      )
      return {
        asked: result.result,
        calls: stub.requests.length - before,
        sessions: result.sessions,
        recovered: await house.recovery(),
        lost: await house.lost(),
      }
    },
  },
  {
    group: 'WeChat',
    name: 'long outage',
    made: 'it hangs for 20 logins, one after the other',
    // Five fail after their deadline, then one every five seconds is let through.
    expected: {
      asked: ['504 wechat_timeout', '503 wechat_unreachable'],
      calls: 'few',
      sessions: '200',
      lost: 0,
      recovered: 'by itself',
    },
    async play(stage) {
      const house = await stage.house({ env: { WECHAT_TIMEOUT: '1000' } })
      const before = house.wechat.requests.length
      house.wechat.meets(hang())
      async function outage(): Promise<string[]> {
        const asked = new Set<string>()
        for (let n = 0; n < 20; n++) asked.add(await house.login())
        return [...asked]
      }
      const { result: asked, sessions } = await house.verifyDuring(outage())
      const calls = house.wechat.requests.length - before
      house.wechat.meets(healthy)
      return {
        asked,
        calls: calls < 10 ? 'few' : `${calls}`,
        sessions,
        recovered: await house.recovery(),
        lost: await house.lost(),
      }
    },
  },
]
