/** wafer-node-session, Tencent's middleware of 2017, in Express as its README shows it, with the store it comes with. */
import { createRequire } from 'node:module'
import express from 'express'
import { appid, host, port, secret, wechatApi } from './parts/settings.mjs'

const require = createRequire(import.meta.url)
// It names WeChat's address in its code, so the way there is bent in the client that it uses.
const fromWafer = createRequire(require.resolve('wafer-node-session'))
const request = fromWafer('request')
const { get } = request
request.get = (options, done) =>
  get({ ...options, url: options.url.replace('https://api.weixin.qq.com', wechatApi) }, done)

const session = require('wafer-node-session')
const app = express()
app.use(session({ appId: appid, appSecret: secret, loginPath: '/login' }))
app.use('/me', (request, response) => {
  response.json(request.session ? request.session.userInfo : { nobody: true })
})
app.listen(port, host)
