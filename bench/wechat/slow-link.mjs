/**
 * A TCP proxy that holds all bytes back for DELAY milliseconds in each direction, as a long way does. It tells the
 * runner its port, and when asked how many connections there were.
 */
import { connect, createServer } from 'node:net'

const onwards = { host: '127.0.0.1', port: Number(process.env.TO), noDelay: true }
const delay = Number(process.env.DELAY)
let connections = 0

function carry(from, to) {
  from.on('data', (bytes) => setTimeout(() => to.writable && to.write(bytes), delay))
  from.on('end', () => setTimeout(() => to.end(), delay))
  from.on('error', () => to.destroy())
}

const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  connections++
  const onward = connect({ ...onwards, allowHalfOpen: true })
  carry(client, onward)
  carry(onward, client)
})
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('message', () => process.send(connections))
process.on('disconnect', () => process.exit())
