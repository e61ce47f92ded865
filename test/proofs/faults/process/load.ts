/** Clients that log in and out without a rest, and know what they were told. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { House } from '../stage/house.js'

/** Until `stop`: what every request was answered, each answer once. */
export function load(house: House, clients: number) {
  const asked = new Set<string>()
  let isOver = false
  async function client(n: number): Promise<void> {
    while (!isOver) {
      const said = await house.login()
      asked.add(said)
      // Of a service that is gone nothing more is to be had.
      if (said === 'none' || said === 'refused') return
      const token = house.ledger.live().at(-1)
      if (n % 4 === 0 && token !== undefined) asked.add(await house.logout(token))
    }
  }
  const all = Promise.all(Array.from({ length: clients }, (_, n) => client(n)))
  return {
    asked,
    async stop(): Promise<string[]> {
      isOver = true
      await all
      return [...asked]
    },
  }
}

/** Resolves when so many logins are confirmed in all. */
export async function confirmed(house: House, count: number): Promise<void> {
  for (let waited = 0; house.ledger.live().length < count; waited++) {
    if (waited > 2000) throw new Error('too few logins are confirmed')
    await pause(10)
  }
}

/** So many connections that say nothing, or these bytes; resolves once they are made, or refused. */
export async function crowd(port: number, count: number, bytes = '') {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1').on('error', () => {}))
  await Promise.all(
    sockets.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => {})),
  )
  for (const socket of sockets) if (bytes !== '' && socket.writable) socket.write(bytes)
  return () => {
    for (const socket of sockets) socket.destroy()
  }
}
