/**
 * wechat-jssdk in Express: its mini program class asks WeChat, keeps keys in its FileStore and decrypts; the routes and
 * the token, which it leaves to its user, are here. A session has no end.
 */
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import express from 'express'
import { appid, host, port, secret, store, wechatApi } from './parts/settings.mjs'

const { MiniProgram } = createRequire(import.meta.url)('wechat-jssdk')
const sdk = new MiniProgram({
  miniProgram: {
    appId: appid,
    appSecret: secret,
    GET_SESSION_KEY_URL: `${wechatApi}/sns/jscode2session`,
  },
  storeOptions: { fileStorePath: store },
})

const tokenOf = (request) => (request.get('authorization') ?? '').replace('Bearer ', '')
const app = express()
app.use(express.json())

app.post('/v1/login', async (request, response) => {
  const token = randomBytes(64).toString('hex')
  await sdk.getSession(request.body.code, token)
  response.status(201).json({ r3session: token })
})

app.get('/v1/auth', async (request, response) => {
  const session = await sdk.store.getMPSession(tokenOf(request))
  if (!session) return response.status(401).end()
  response.set('X-WX-OPENID', session.openid).end()
})

app.get('/v1/session', async (request, response) => {
  const session = await sdk.store.getMPSession(tokenOf(request))
  if (!session) return response.status(401).end()
  response.json({ appid, openid: session.openid })
})

app.post('/v1/decrypt', async (request, response) => {
  const { encryptedData, iv } = request.body
  response.json({ data: await sdk.decryptData(encryptedData, iv, undefined, tokenOf(request)) })
})
app.listen(port, host)
