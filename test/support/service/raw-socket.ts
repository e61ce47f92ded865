import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A connection that sends just these bytes and keeps what comes back, as text. */
export async function openRaw(port: number, bytes = '', { allowHalfOpen = false } = {}) {
  let answer = ''
  const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen })
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    answer += text
  })
  socket.on('error', () => {})
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(answer)))
  await once(socket, 'connect')
  if (bytes !== '') socket.write(bytes, 'latin1')
  return {
    socket,
    /** What came, once the connection is closed. */
    closed,
    /** Resolves with the first bytes that come. */
    heard: () => (answer === '' ? once(socket, 'data') : Promise.resolve()),
  }
}
