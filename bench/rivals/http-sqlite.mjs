/** The whole job on node:http alone: no framework, a switch over the routes, a kept connection to WeChat. */
import { createServer, Agent as HttpAgent, get as httpGet } from 'node:http'
import { Agent as HttpsAgent, get as httpsGet } from 'node:https'
import { openData } from './parts/open-data.mjs'
import { described, introspection, openSessions } from './parts/sessions.mjs'
import { appid, exchangeUrl, host, port, serviceKey, store, TTL, wechatApi } from './parts/settings.mjs'

const sessions = openSessions(store)
const overTls = wechatApi.startsWith('https:')
const get = overTls ? httpsGet : httpGet
const agent = new (overTls ? HttpsAgent : HttpAgent)({ keepAlive: true })

const exchange = (code) =>
  new Promise((resolve, reject) => {
    get(exchangeUrl(code), { agent, timeout: 5000 }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve(JSON.parse(text)))
    }).on('error', reject)
  })

const bodyOf = (request) =>
  new Promise((resolve, reject) => {
    const chunks = []
    let size = 0
    request.on('data', (chunk) => {
      size += chunk.length
      if (size > 65_536) return reject(new Error('too large'))
      chunks.push(chunk)
    })
    request.on('end', () => resolve(Buffer.concat(chunks).toString()))
    request.on('error', reject)
  })

function send(response, status, body) {
  const bytes = Buffer.from(JSON.stringify(body))
  response
    .writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': bytes.length })
    .end(bytes)
}

async function answer(request, response) {
  const { authorization } = request.headers
  switch (`${request.method} ${request.url}`) {
    case 'GET /v1/auth': {
      const session = sessions.of(authorization)
      if (session === undefined) return send(response, 401, { code: 'invalid_session' })
      return response.writeHead(200, { 'X-WX-OPENID': session.openid, 'X-WX-APPID': appid }).end()
    }
    case 'GET /v1/session': {
      const session = sessions.of(authorization)
      if (session === undefined) return send(response, 401, { code: 'invalid_session' })
      return send(response, 200, described(session, appid))
    }
    case 'POST /v1/introspect': {
      if (authorization !== `Bearer ${serviceKey}`) return send(response, 401, { code: 'invalid_client' })
      const token = new URLSearchParams(await bodyOf(request)).get('token') ?? ''
      return send(response, 200, introspection(sessions.find(token, false), appid))
    }
    case 'POST /v1/login': {
      const user = await exchange(JSON.parse(await bodyOf(request)).code)
      if (!user.openid) return send(response, 400, { code: 'code_invalid' })
      return send(response, 201, { r3session: sessions.begin(user), expiresIn: TTL })
    }
    case 'POST /v1/decrypt': {
      const session = sessions.of(authorization)
      if (session === undefined) return send(response, 401, { code: 'invalid_session' })
      const data = openData(JSON.parse(await bodyOf(request)), session.session_key, appid)
      if (data === undefined) return send(response, 422, { code: 'decrypt_failed' })
      return send(response, 200, { data })
    }
    default:
      return send(response, 404, { code: 'not_found' })
  }
}

createServer((request, response) => {
  answer(request, response).catch(() => send(response, 500, { code: 'internal' }))
}).listen(port, host)
