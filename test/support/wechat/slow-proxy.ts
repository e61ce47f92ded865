import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What the proxy saw, in order: a new connection, or bytes of one side after those of the other. */
export type Turn = 'connection' | 'client' | 'server'

/**
 * A TCP proxy on 127.0.0.1 that holds all bytes back for `delay` milliseconds in each direction, as a long way does.
 *
 * How many round trips a client waits for shows in the `turns`, on a machine of any speed: bytes that one side sends
 * together, or without waiting for the other, are one turn.
 */
export async function startSlowProxy(port: number, delay: number) {
  const turns: Turn[] = []
  const sockets = new Set<Socket>()

  const note = (turn: Turn) => {
    if (turn === 'connection' || turns.at(-1) !== turn) turns.push(turn)
  }

  function carry(from: Socket, to: Socket, turn: Turn): void {
    sockets.add(from)
    from.on('data', (bytes) => {
      note(turn)
      setTimeout(() => to.writable && to.write(bytes), delay)
    })
    from.on('end', () => setTimeout(() => to.end(), delay))
    from.on('error', () => to.destroy())
    from.on('close', () => sockets.delete(from))
  }

  const server = createServer({ noDelay: true }, (client) => {
    note('connection')
    const onward = connect({ port, host: '127.0.0.1', noDelay: true })
    carry(client, onward, 'client')
    carry(onward, client, 'server')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    /** The turns since the last call. */
    newTurns: () => turns.splice(0),
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
