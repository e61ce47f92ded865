/**
 * WeChat's code2Session in the moods it can be in: `{delay}` in milliseconds, or `null` for one that takes requests and
 * never answers. The runner tells the mood at any time, and is told the port first.
 */
import { createServer } from 'node:http'
import { openidOf, sessionKeyOf } from './users.mjs'

let mood = { delay: 0 }

function answer(url, response) {
  const code = decodeURIComponent(/[?&]js_code=([^&]+)/.exec(url)?.[1] ?? '')
  const body = `{"session_key":"${sessionKeyOf(code)}","openid":"${openidOf(code)}"}`
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': body.length }).end(body)
}

const server = createServer(({ url }, response) => {
  const { delay } = mood
  if (delay === 0) answer(url, response)
  else if (delay !== null) setTimeout(() => answer(url, response), delay)
})
server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('message', (next) => {
  mood = next
  process.send('done')
})
process.on('disconnect', () => process.exit())
