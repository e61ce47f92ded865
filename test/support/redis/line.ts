import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to Redis that can be cut, and led to another server, as a virtual address is. */
export async function startLine(port: number) {
  let to = port
  let isCut = false
  const ends = new Set<Socket>()
  const server = createServer((here) => {
    const there = connect(to, '127.0.0.1')
    for (const [one, other] of [
      [here, there],
      [there, here],
    ] as const) {
      ends.add(one)
      // What is sent into a cut is lost: neither side is told.
      one.on('data', (bytes) => isCut || other.write(bytes))
      one.on('error', () => {})
      one.on('close', () => {
        ends.delete(one)
        other.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    /** From now on nothing comes through, and no connection ends for it. */
    cut() {
      isCut = true
    },
    mend() {
      isCut = false
    },
    /** Where connections lead to that are made from now on; those that are there stay. */
    leadTo(other: number) {
      to = other
    },
    async close() {
      server.close()
      for (const end of ends) end.destroy()
      await once(server, 'close')
    },
  }
}

export type Line = Awaited<ReturnType<typeof startLine>>
