import { createCipheriv } from 'node:crypto'
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createDice } from '../../support/genuine-data.js'
import { SERVICE_KEY } from '../fuzz/target.js'

export const APPID = 'wx0123456789abcdef'
/** Users that come again and again: what the service keeps of them is bounded. */
const USERS = 500
const KEY = Buffer.alloc(16, 7)

/** WeChat, as quick as can be: a code begins with its user's name. */
export async function startQuickWechat() {
  const server = createServer((asked, answer) => {
    const code = new URL(asked.url ?? '', 'http://x').searchParams.get('js_code')?.split('.')[0]
    const body = JSON.stringify({ openid: `o-${code}`, session_key: KEY.toString('base64') })
    answer.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': body.length }).end(body)
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

function sealed(openid: string): object {
  const iv = Buffer.alloc(16, 9)
  const cipher = createCipheriv('aes-128-cbc', KEY, iv)
  const watermark = { timestamp: Math.floor(Date.now() / 1000), appid: APPID }
  const text = JSON.stringify({ openId: openid, nickName: 'Ann', gender: 0, watermark })
  const data = Buffer.concat([cipher.update(text), cipher.final()])
  return { encryptedData: data.toString('base64'), iv: iv.toString('base64') }
}

/** Requests in the proportions of a day: mostly verifications, some of every other kind, some that are refused. */
export function createLoad(port: number, seed: number) {
  const dice = createDice(seed)
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const sessions: { token: string; openid: string }[] = []
  const statuses: Record<number, number> = {}
  let underWay = 0
  let logins = 0

  function ask(method: string, path: string, token?: string, body?: object): Promise<Record<string, string>> {
    underWay++
    return new Promise((resolve) => {
      const text = body && JSON.stringify(body)
      const done = (status: number, answer: string) => {
        underWay--
        statuses[status] = (statuses[status] ?? 0) + 1
        resolve(answer.startsWith('{') ? JSON.parse(answer) : {})
      }
      const headers = {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(text && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
      }
      const asked = request({ port, host: '127.0.0.1', method, path, agent, headers }, (answer) => {
        let heard = ''
        answer.setEncoding('utf8')
        answer.on('data', (piece: string) => {
          heard += piece
        })
        answer.on('end', () => done(answer.statusCode ?? 0, heard))
      })
      asked.on('error', () => done(0, ''))
      asked.end(text)
    })
  }

  async function login(): Promise<void> {
    const user = `user-${dice(USERS)}`
    logins++
    const { r3session } = await ask('POST', '/v1/login', undefined, { code: `${user}.${logins}` })
    if (r3session === undefined) return
    const session = { token: r3session, openid: `o-${user}` }
    if (sessions.length < 2 * USERS) sessions.push(session)
    else sessions[dice(sessions.length)] = session
  }

  return {
    statuses,
    underWay: () => underWay,
    /** Sends one request, of a kind by chance. */
    async one(): Promise<void> {
      const session = sessions[dice(sessions.length + 1)]
      const turn = dice(100)
      if (session === undefined || turn < 5) return login()
      const { token, openid } = session
      if (turn < 65) await ask('GET', '/v1/auth', token)
      else if (turn < 75) await ask('POST', '/v1/introspect', SERVICE_KEY, { token })
      else if (turn < 83) await ask('GET', '/v1/session', token)
      else if (turn < 91) await ask('POST', '/v1/decrypt', token, sealed(openid))
      else if (turn < 93) {
        sessions.splice(sessions.indexOf(session), 1)
        await ask('DELETE', '/v1/session', token)
      } else if (turn < 94) await ask('GET', `/v1/users/${openid}/sessions`, SERVICE_KEY)
      else if (turn < 97) await ask('GET', '/v1/auth', '0'.repeat(128))
      else if (turn < 98) await ask('GET', '/metrics', SERVICE_KEY)
      else if (turn < 99) await ask('POST', '/v1/login', undefined, {})
      else await ask('GET', '/nowhere')
    },
    close: () => agent.destroy(),
  }
}
