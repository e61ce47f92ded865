/**
 * WeChat's code2Session as fast as node:http can be it: any code is good, and names its user. Over TLS where the runner
 * gives a key. It tells the runner its port.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { openidOf, sessionKeyOf } from './users.mjs'

const { TLS_KEY, TLS_CERTIFICATE } = process.env

function answer(request, response) {
  const code = /[?&]js_code=([^&]+)/.exec(request.url)?.[1]
  const body =
    code === undefined
      ? '{"errcode":41008,"errmsg":"missing code"}'
      : `{"session_key":"${sessionKeyOf(decodeURIComponent(code))}","openid":"${openidOf(decodeURIComponent(code))}"}`
  // As WeChat has it: JSON that calls itself text.
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': body.length }).end(body)
}

const server =
  TLS_KEY === undefined
    ? createServer(answer)
    : createTlsServer({ key: readFileSync(TLS_KEY), cert: readFileSync(TLS_CERTIFICATE) }, answer)
server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('disconnect', () => process.exit())
