import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { createHttpWechat } from '#src/adapters/wechat/gateway.js'
import {
  type Behaviour,
  type FaultyServer,
  hang,
  json,
  kept,
  raw,
  startFaultyServer,
  tlsCertificate,
} from '../../support/wechat/faulty-server.js'
import {
  AMPLE,
  appid,
  apps,
  causeOf,
  code,
  expectNoCanary,
  gatewayTo,
  openid,
  secret,
  success,
} from '../../support/wechat/http-exchange.js'
import { startSlowProxy } from '../../support/wechat/slow-proxy.js'
import { failure } from '../wechat-gateway.js'

describe('createHttpWechat over TLS', () => {
  let server: FaultyServer | undefined

  afterEach(() => server?.close())

  it('sends nothing to a server nobody vouches for, and asks twice', async () => {
    server = await startFaultyServer({ tls: true })
    server.meets(json(success))
    const error = await failure(gatewayTo(server.url).exchangeCode(appid, code))
    expect(error.code).to.equal('wechat_unreachable')
    expect(causeOf(error)).to.equal('DEPTH_ZERO_SELF_SIGNED_CERT')
    expectNoCanary(error)
    await server.idle()
    expect(server.connections()).to.equal(2)
    expect(server.requests).to.be.empty
  })

  it('sends nothing to it either where Node is told to trust everybody', async () => {
    server = await startFaultyServer({ tls: true })
    server.meets(json(success))
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      const error = await failure(gatewayTo(server.url).exchangeCode(appid, code))
      expect(causeOf(error)).to.equal('DEPTH_ZERO_SELF_SIGNED_CERT')
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
    }
    expect(server.requests).to.be.empty
  })

  it('asks twice when the handshake is reset', async () => {
    server = await startFaultyServer({
      onConnection: (socket) => socket.once('data', () => socket.resetAndDestroy()),
    })
    const error = await failure(gatewayTo(`https://127.0.0.1:${server.port}`).exchangeCode(appid, code))
    expect(error.code).to.equal('wechat_unreachable')
    expect(causeOf(error)).to.equal('ECONNRESET')
    expect(server.connections()).to.equal(2)
  })

  it('asks twice when the server speaks no TLS', async () => {
    server = await startFaultyServer({
      onConnection: (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    })
    const error = await failure(gatewayTo(`https://127.0.0.1:${server.port}`).exchangeCode(appid, code))
    expect(error.code).to.equal('wechat_unreachable')
    expect(server.connections()).to.equal(2)
  })

  it('is wechat_unreachable when the handshake outlasts the deadline', async () => {
    server = await startFaultyServer()
    const api = `https://127.0.0.1:${server.port}`
    const gateway = createHttpWechat({ api, apps, timeout: 150, connectTimeout: AMPLE })
    const error = await failure(gateway.exchangeCode(appid, code))
    expect(error.code).to.equal('wechat_unreachable')
    expect(causeOf(error)).to.equal('deadline passed')
    await server.idle()
    expect(server.connections()).to.equal(1)
  })

  it('repeats a broken handshake, never what was sent, and keeps no process alive', async () => {
    let first = true
    server = await startFaultyServer({
      tls: true,
      onConnection: (socket) => {
        if (first) socket.destroy()
        first = false
      },
    })
    server.meets(json(success), raw(''), hang(), json(success))
    const outcomes = await inProcessTrusting(server, [60_000, 60_000, 3_000])
    expect(outcomes).to.deep.equal([openid, 'wechat_invalid_response', 'wechat_timeout'])
    expect(server.requests).to.have.length(3)
    expect(server.connections()).to.equal(4)
  })

  it('uses a kept connection again, and repeats what died on it with not a byte of an answer', async () => {
    server = await startFaultyServer({ tls: true })
    const cut: Behaviour = (socket) => socket.destroy()
    server.meets(kept(success), kept(success), cut, kept(success), kept(success), raw(''), kept(success))
    const outcomes = await inProcessTrusting(server, [60_000], 5)
    expect(outcomes).to.deep.equal(Array.from({ length: 5 }, () => openid))
    expect(server.requests).to.have.length(7)
    // The first one, and after each death one for the repeat and one that is kept.
    expect(server.connections()).to.equal(4)
  })

  it('costs one round trip once there is a connection, and resumes the TLS session of an earlier one', async () => {
    server = await startFaultyServer({ tls: true })
    server.meets(kept(success), kept(success), json(success), json(success))
    const proxy = await startSlowProxy(server.port, 30)
    const login = await processThatLogsIn(`https://127.0.0.1:${proxy.port}`)
    try {
      expect(proxy.newTurns()).to.include.members(['connection', 'client', 'server'])
      await login()
      expect(proxy.newTurns()).to.deep.equal(['client', 'server'])
      await login()
      expect(proxy.newTurns().slice(0, 2)).to.deep.equal(['client', 'server'])
      await login()
      expect(server.resumed()).to.deep.equal([false, true])
    } finally {
      login.end()
      await proxy.close()
    }
  })
})

/**
 * Asks in a fresh process, `times` times through one gateway for each timeout, since only at its start does Node learn
 * whom to trust. Gives an openid or an error code for each; fails when the process does not end by itself.
 */
async function inProcessTrusting(server: FaultyServer, timeouts: number[], times = 1): Promise<string[]> {
  const script = `
    import { createHttpWechat } from '#src/adapters/wechat/gateway.js'
    const apps = new Map([['${appid}', '${secret}']])
    for (const timeout of ${JSON.stringify(timeouts)}) {
      const gateway = createHttpWechat({ api: '${server.url}', apps, timeout })
      for (let time = 0; time < ${times}; time++) {
        const { openid, code } = await gateway.exchangeCode('${appid}', '${code}').catch((error) => error)
        console.log(openid ?? code)
      }
    }`
  return withTrust(async (options) => {
    const { stdout } = await promisify(execFile)(process.execPath, scriptArguments(script), {
      ...options,
      timeout: 60_000,
    })
    return stdout.trim().split('\n')
  })
}

/** A fresh process with a gateway that logs in, successfully, whenever it is told to; `end` ends it. */
async function processThatLogsIn(api: string) {
  const script = `
    import { createHttpWechat } from '#src/adapters/wechat/gateway.js'
    const apps = new Map([['${appid}', '${secret}']])
    const gateway = createHttpWechat({ api: '${api}', apps, timeout: 60_000 })
    for await (const _ of process.stdin) console.log((await gateway.exchangeCode('${appid}', '${code}')).openid)`
  return withTrust(async (options) => {
    const child = spawn(process.execPath, scriptArguments(script), options)
    const login = async () => {
      child.stdin.write('now')
      const [said] = await once(child.stdout, 'data')
      expect(String(said).trim()).to.equal(openid)
    }
    // Its first answer comes when it has read whom to trust.
    await login()
    return Object.assign(login, { end: () => child.stdin.end() })
  })
}

const scriptArguments = (script: string) => ['--input-type=module', '-e', script]

/** Gives what makes a process trust the faulty server. */
async function withTrust<T>(
  use: (options: { cwd: string; env: NodeJS.ProcessEnv }) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'r3session-'))
  try {
    const authority = join(folder, 'authority.pem')
    await writeFile(authority, tlsCertificate)
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: authority }
    return await use({ cwd: import.meta.dirname, env })
  } finally {
    await rm(folder, { recursive: true })
  }
}
