import { expect } from 'chai'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

const key = 'orders-key-0123456789abcdef0123456789'
const other = 'billing-key-0123456789abcdef012345678'

describe('what services may do with the sessions of users', () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService({
      env: { SERVICE_KEYS: `orders:${key},billing:${other}`, WECHAT_TIMEOUT: '2000' },
    })
  })
  afterEach(() => service.close())
  const withKey = (method: string, path: string, token = key, body?: unknown) =>
    service.send(method, path, { token, ...(body === undefined ? {} : { body }) })
  const sessionsOf = (user: string) =>
    `/v1/users/${encodeURIComponent(service.weixin.identity(user).openid)}/sessions`

  describe('the sessions of a user', () => {
    it('are listed, the latest first, without a token among them', async () => {
      const tokens = [await service.login('ann')]
      service.time.now += 1000
      tokens.push(await service.login('ann'))
      await service.login('bob')
      const answer = await withKey('GET', sessionsOf('ann'))
      const sessions = answer.json['sessions'] as Record<string, string>[]
      expect(sessions.map(({ createdAt }) => createdAt)).to.deep.equal([
        '2026-03-01T04:00:01.000Z',
        '2026-03-01T04:00:00.000Z',
      ])
      for (const session of sessions)
        expect(session).to.have.all.keys('id', 'createdAt', 'lastSeenAt', 'expiresAt')
      for (const token of tokens) expect(answer.text).not.to.include(token)
    })

    it('are none for a user that nobody knows', async () => {
      const answer = await withKey('GET', '/v1/users/%E4%B8%AD%2F..%2F/sessions')
      expect(answer.json).to.deep.equal({ sessions: [] })
    })

    it('end all at once, and are 401 on the very next request', async () => {
      const tokens = [await service.login('ann'), await service.login('ann')]
      const bob = await service.login('bob')
      expect((await withKey('DELETE', sessionsOf('ann'))).json).to.deep.equal({ revoked: 2 })
      for (const token of tokens)
        expectProblem(await service.send('GET', '/v1/session', { token }), 401, 'invalid_session')
      expect((await service.send('GET', '/v1/session', { token: bob })).status).to.equal(200)
      expect((await withKey('DELETE', sessionsOf('ann'))).json).to.deep.equal({ revoked: 0 })
      await service.login('ann')
    })

    it('end for a login that was under way, too', async () => {
      const { weixin, send } = service
      weixin.fail({ delay: 100 })
      const login = send('POST', '/v1/login', { body: await weixin.login('ann') })
      while (weixin.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 2))
      await withKey('DELETE', sessionsOf('ann'))
      expectProblem(await login, 401, 'invalid_session', 'relogin')
      expect((await withKey('GET', sessionsOf('ann'))).json).to.deep.equal({ sessions: [] })
    })

    it('end one by one, by the id in the list, and for no other user', async () => {
      const tokens = [await service.login('ann')]
      service.time.now += 1000
      tokens.push(await service.login('ann'))
      const listed = async () =>
        (await withKey('GET', sessionsOf('ann'))).json['sessions'] as { id: string }[]
      const [latest] = await listed()
      const from = service.lines.length
      expect((await withKey('DELETE', `${sessionsOf('bob')}/${latest?.id}`)).status).to.equal(204)
      expect(await listed()).to.have.lengthOf(2)
      const answer = await withKey('DELETE', `${sessionsOf('ann')}/${latest?.id}`)
      expect([answer.status, answer.text]).to.deep.equal([204, ''])
      expectProblem(
        await service.send('GET', '/v1/session', { token: tokens[1] ?? '' }),
        401,
        'invalid_session',
      )
      expect((await service.send('GET', '/v1/session', { token: tokens[0] ?? '' })).status).to.equal(200)
      // A token is no id, and what is no session any more is none afterwards either.
      for (const id of [latest?.id, tokens[0], 'nonsense', '%E4%B8%AD%2F..']) {
        expect((await withKey('DELETE', `${sessionsOf('ann')}/${id}`)).status).to.equal(204)
      }
      expect(await listed()).to.have.lengthOf(1)
      const notes = service.lines.slice(from).filter((line) => 'did' in line)
      expect(notes).to.have.lengthOf(6)
      expect(notes[1]).to.deep.include({ did: 'end session', serviceKey: 'orders', count: 1 })
      expect(notes[2]).to.deep.include({ did: 'end session', count: 0 })
    })

    it('are ten at most, the oldest making room', async () => {
      const tokens = []
      for (let i = 0; i < 12; i++) {
        service.time.now += 1000
        tokens.push(await service.login('ann'))
      }
      const status = async (token = '') => (await service.send('GET', '/v1/session', { token })).status
      expect(await status(tokens[0])).to.equal(401)
      expect(await status(tokens[1])).to.equal(401)
      expect(await status(tokens[2])).to.equal(200)
      expect((await withKey('GET', sessionsOf('ann'))).json['sessions']).to.have.lengthOf(10)
    })
  })

  describe('DELETE /v1/users/{openid}', () => {
    const forget = (user: string) => sessionsOf(user).replace(/\/sessions$/, '')

    it('forgets the user: sessions, session keys and attempts, and nobody else', async () => {
      const bob = await service.login('bob')
      const token = await service.login('ann')
      const sealed = await service.weixin.userInfo('ann')
      const answer = await withKey('DELETE', forget('ann'))
      expect([answer.status, answer.text]).to.deep.equal([204, ''])
      expectProblem(await service.send('GET', '/v1/session', { token }), 401, 'invalid_session')
      expect((await withKey('GET', sessionsOf('ann'))).json).to.deep.equal({ sessions: [] })
      expect((await service.send('GET', '/v1/session', { token: bob })).status).to.equal(200)
      // A new login brings a new key: the old one opens nothing any more.
      service.weixin.rotateKey('ann')
      const anew = await service.login('ann')
      expectProblem(
        await service.send('POST', '/v1/decrypt', { token: anew, body: sealed }),
        422,
        'signature_mismatch',
      )
    })

    it('is 204 for a user that nobody knows, and leaves a line for the audit with the name of the key', async () => {
      await service.login('ann')
      const from = service.lines.length
      await withKey('DELETE', forget('ann'), other)
      await withKey('DELETE', '/v1/users/nobody', other)
      const notes = service.lines.slice(from).filter((line) => 'did' in line)
      expect(notes.map((line) => 'count' in line && line.count)).to.deep.equal([1, 0])
      for (const note of notes) expect(note).to.include({ did: 'forget user', serviceKey: 'billing' })
      expect(JSON.stringify(notes)).not.to.include(service.weixin.identity('ann').openid)
    })

    it('ends a login that was under way, too', async () => {
      const { weixin, send } = service
      weixin.fail({ delay: 100 })
      const login = send('POST', '/v1/login', { body: await weixin.login('ann') })
      while (weixin.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 2))
      await withKey('DELETE', forget('ann'))
      expectProblem(await login, 401, 'invalid_session', 'relogin')
    })

    it('is about the app that is asked for', async () => {
      for (const path of [forget('ann'), `${sessionsOf('ann')}/id`]) {
        expectProblem(await withKey('DELETE', `${path}?appid=wxother`), 400, 'invalid_request')
      }
    })
  })

  it('asks for a service key', async () => {
    const token = await service.login()
    const paths = [
      ['POST', '/v1/introspect'],
      ['GET', '/v1/access-token'],
      ['GET', '/v1/users/o/sessions'],
      ['DELETE', '/v1/users/o/sessions'],
      ['DELETE', '/v1/users/o/sessions/id'],
      ['DELETE', '/v1/users/o'],
    ] as const
    for (const [method, path] of paths) {
      for (const credentials of [undefined, token, 'wrong', `${key}x`, key.slice(1)]) {
        const answer = await service.send(
          method,
          path,
          credentials === undefined ? {} : { token: credentials },
        )
        expectProblem(answer, 401, 'invalid_client', 'fix_request')
        const schemes = credentials === undefined ? /^Bearer, Basic realm="r3session"/ : /^Bearer$/
        expect(answer.headers.get('www-authenticate')).to.match(schemes)
      }
    }
  })

  it('does not exist without service keys, but for forward auth', async () => {
    const keyless = await startService()
    expectProblem(await keyless.send('POST', '/v1/introspect', { token: key }), 404, 'not_found')
    expectProblem(await keyless.send('GET', '/v1/access-token', { token: key }), 404, 'not_found')
    expectProblem(await keyless.send('DELETE', '/v1/users/o/sessions', { token: key }), 404, 'not_found')
    expectProblem(await keyless.send('GET', '/v1/auth'), 401, 'unauthorized')
    await keyless.close()
  })
})
