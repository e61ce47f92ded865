import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import {
  appid,
  causeOf,
  code,
  expectNoCanary,
  gatewayTo,
  openid,
  secret,
  success,
} from '../support/http-exchange.js'
import { hang, json, raw, type SickServer, startSickServer, tlsCertificate } from '../support/sick-server.js'
import { failure } from './wechat-gateway.js'

describe('createHttpWechat over TLS', () => {
  let server: SickServer | undefined

  afterEach(() => server?.close())

  it('sends nothing to a server nobody vouches for, and asks twice', async () => {
    server = await startSickServer({ tls: true })
    server.meets(json(success))
    const error = await failure(gatewayTo(server.url).exchangeCode(appid, code))
    expect(error.code).to.equal('wechat_unreachable')
    expect(causeOf(error)).to.equal('DEPTH_ZERO_SELF_SIGNED_CERT')
    expectNoCanary(error)
    await server.idle()
    expect(server.connections()).to.equal(2)
    expect(server.requests).to.be.empty
  })

  it('asks twice when the handshake is reset', async () => {
    server = await startSickServer({
      onConnection: (socket) => socket.once('data', () => socket.resetAndDestroy()),
    })
    const error = await failure(gatewayTo(`https://127.0.0.1:${server.port}`).exchangeCode(appid, code))
    expect(error.code).to.equal('wechat_unreachable')
    expect(causeOf(error)).to.equal('ECONNRESET')
    expect(server.connections()).to.equal(2)
  })

  it('asks twice when the server speaks no TLS', async () => {
    server = await startSickServer({
      onConnection: (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    })
    const error = await failure(gatewayTo(`https://127.0.0.1:${server.port}`).exchangeCode(appid, code))
    expect(error.code).to.equal('wechat_unreachable')
    expect(server.connections()).to.equal(2)
  })

  it('is wechat_unreachable when the handshake outlasts the deadline', async () => {
    server = await startSickServer()
    const gateway = gatewayTo(`https://127.0.0.1:${server.port}`, 150)
    const error = await failure(gateway.exchangeCode(appid, code))
    expect(error.code).to.equal('wechat_unreachable')
    expect(causeOf(error)).to.equal('deadline passed')
    await server.idle()
    expect(server.connections()).to.equal(1)
  })

  it('repeats a broken handshake, never what was sent, and keeps no process alive', async () => {
    let first = true
    server = await startSickServer({
      tls: true,
      onConnection: (socket) => {
        if (first) socket.destroy()
        first = false
      },
    })
    server.meets(json(success), raw(''), hang(), json(success))
    const outcomes = await inProcessTrusting(server, [60_000, 60_000, 300])
    expect(outcomes).to.deep.equal([openid, 'wechat_invalid_response', 'wechat_timeout'])
    expect(server.requests).to.have.length(3)
    expect(server.connections()).to.equal(4)
  })
})

/**
 * Asks in a fresh process, once with each timeout, since only at its start does Node learn whom to trust. Gives an
 * openid or an error code for each; fails when the process does not end by itself.
 */
async function inProcessTrusting(server: SickServer, timeouts: number[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'r3session-'))
  try {
    const authority = join(folder, 'authority.pem')
    await writeFile(authority, tlsCertificate)
    const script = `
      import { createHttpWechat } from '#src/adapters/http-wechat.js'
      const apps = new Map([['${appid}', '${secret}']])
      for (const timeout of ${JSON.stringify(timeouts)}) {
        const gateway = createHttpWechat({ api: '${server.url}', apps, timeout })
        const { openid, code } = await gateway.exchangeCode('${appid}', '${code}').catch((error) => error)
        console.log(openid ?? code)
      }`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: import.meta.dirname,
      env: { ...process.env, NODE_EXTRA_CA_CERTS: authority },
      timeout: 8_000,
    })
    return stdout.trim().split('\n')
  } finally {
    await rm(folder, { recursive: true })
  }
}
