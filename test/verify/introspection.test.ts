import { createVerifier, type IntrospectionOptions, VerifyError } from '@r3session/verify'
import { expect } from 'chai'
import { type RecordingServer, respond, startRecordingServer } from '../support/service/recording-server.js'

const KEY = 'k'.repeat(32)
const token = (letter: string) => letter.repeat(128)
const bearer = (letter = 'a') => ({ authorization: `Bearer ${token(letter)}` })
const json = { 'Content-Type': 'application/json' }
const anna = { active: true, sub: 'oAnna', client_id: 'wxDemo', exp: 1, iat: 0, token_type: 'Bearer' }
const says = (answer: unknown) => respond(200, json, JSON.stringify(answer))

describe('the verifier that asks r3session', () => {
  let r3session: RecordingServer
  let now: number
  let told: VerifyError[]
  beforeEach(async () => {
    r3session = await startRecordingServer(says(anna))
    now = 1000
    told = []
  })
  afterEach(() => r3session.close())
  const verifier = (options: Partial<IntrospectionOptions> = {}) =>
    createVerifier({
      url: `http://${r3session.host}`,
      key: KEY,
      clock: () => now,
      onUnavailable: (error) => told.push(error),
      ...options,
    })

  it('tells who is calling, whatever kind of headers it is given', async () => {
    const verify = verifier({ cacheMaxAge: 0 })
    for (const headers of [
      bearer(),
      new Headers(bearer()),
      { authorization: `bearer  ${token('a')}` },
      { authorization: [`Bearer ${token('a')}`] },
    ])
      expect(await verify(headers)).to.deep.equal({ openid: 'oAnna', appid: 'wxDemo' })
    expect(r3session.requests).to.have.length(4)
    const [{ method, target, headers, body } = {}] = r3session.requests
    expect({ method, target, body }).to.deep.equal({
      method: 'POST',
      target: '/v1/introspect',
      body: JSON.stringify({ token: token('a') }),
    })
    expect(headers).to.deep.include(['Authorization', `Bearer ${KEY}`])
  })

  it('asks below the path of the url', async () => {
    await verifier({ url: `http://${r3session.host}/login/` })(bearer())
    expect(r3session.requests[0]?.target).to.equal('/login/v1/introspect')
  })

  it('refuses what is no r3session without asking', async () => {
    const verify = verifier()
    expect(await failure(verify({}))).to.include({ code: 'unauthorized', status: 401 })
    const others = [
      'Bearer',
      `Bearer ${token('a')}0`,
      `Bearer ${token('A')}`,
      `Basic ${token('a')}`,
      `Bearer ${token('a')}, Bearer ${token('b')}`,
    ]
    for (const authorization of others)
      expect(await failure(verify({ authorization })), authorization).to.include({ code: 'invalid_session' })
    expect(r3session.requests).to.deep.equal([])
  })

  it('believes an answer for as long as it was told to, and no longer', async () => {
    const verify = verifier({ cacheMaxAge: 5000 })
    await verify(bearer())
    now += 4999
    await verify(bearer())
    expect(r3session.requests).to.have.length(1)
    r3session.answer = says({ active: false })
    now += 1
    expect(await failure(verify(bearer()))).to.include({ code: 'invalid_session', status: 401 })
    expect(r3session.requests).to.have.length(2)
  })

  it('remembers no refusal and no failure', async () => {
    const verify = verifier()
    r3session.answer = says({ active: false })
    await failure(verify(bearer()))
    r3session.answer = respond(503)
    await failure(verify(bearer()))
    r3session.answer = says(anna)
    expect(await verify(bearer())).to.include({ openid: 'oAnna' })
    expect(r3session.requests).to.have.length(3)
  })

  it('asks once however many want to know the same', async () => {
    const verify = verifier()
    const callers = await Promise.all(['a', 'a', 'b', 'a', 'b'].map((letter) => verify(bearer(letter))))
    expect(callers).to.have.length(5)
    expect(r3session.requests).to.have.length(2)
  })

  it('lets nobody wait for a question that is older than an answer may be', async () => {
    const verify = verifier({ cacheMaxAge: 100 })
    const answers: (() => void)[] = []
    const heldBack = new Promise<void>((resolve) => {
      r3session.answer = (response, request) => {
        answers.push(() => says(anna)(response, request))
        if (answers.length === 2) resolve()
      }
    })
    const first = verify(bearer())
    now += 100
    const second = verify(bearer())
    await heldBack
    for (const answer of answers) answer()
    await Promise.all([first, second])
    expect(r3session.requests).to.have.length(2)
  })

  it('remembers no more sessions than it was told to, and forgets the oldest', async () => {
    const verify = verifier({ cacheSize: 2 })
    for (const letter of ['a', 'b', 'c', 'c', 'b']) await verify(bearer(letter))
    expect(r3session.requests).to.have.length(3)
    await verify(bearer('a'))
    expect(r3session.requests).to.have.length(4)
  })

  it('is in doubt about every answer that does not clearly name somebody', async () => {
    const verify = verifier()
    const answers = [
      says({ ...anna, active: 'true' }),
      says({ ...anna, sub: '' }),
      says({ ...anna, client_id: undefined }),
      says({ sub: 'oAnna', client_id: 'wxDemo' }),
      says(null),
      says([]),
      respond(200, json, '{"active":true,'),
      respond(200, json),
      respond(204),
      respond(201, json, JSON.stringify(anna)),
      respond(302, { Location: `http://${r3session.host}/v1/introspect` }),
      respond(401),
      respond(404),
      respond(500),
    ]
    for (const answer of answers) {
      r3session.answer = answer
      const error = await failure(verify(bearer()))
      expect(error).to.include({ code: 'overloaded', status: 503 })
      expect(error.headers).to.include({ 'Retry-After': '1' })
    }
    expect(told).to.have.length(answers.length)
    expect(told.map(({ message }) => message).join('\n')).to.match(/401: the key is none of its SERVICE_KEYS/)
    for (const { message, stack, cause } of told)
      expect(`${message}${stack}${(cause as Error).stack}`).not.to.match(new RegExp(`${KEY}|${token('a')}`))
  })

  it('gives up a question that gets no answer', async () => {
    r3session.answer = () => {}
    expect(await failure(verifier({ timeout: 50 })(bearer()))).to.include({ status: 503 })
  })

  it('asks again on a new connection where the first breaks, and no third time', async () => {
    const verify = verifier({ cacheMaxAge: 0 })
    let breaking = 1
    r3session.answer = (response, request) => {
      if (breaking-- > 0) response.destroy()
      else says(anna)(response, request)
    }
    expect(await verify(bearer())).to.include({ openid: 'oAnna' })
    breaking = 3
    expect(await failure(verify(bearer()))).to.include({ status: 503 })
    expect(r3session.requests).to.have.length(4)
  })

  it('is in doubt where nobody listens', async () => {
    const { host } = r3session
    await r3session.close()
    expect(await failure(verifier({ url: `http://${host}` })(bearer()))).to.include({ status: 503 })
    expect(told[0]?.message).to.match(/^can't ask r3session: .*ECONNREFUSED/)
    r3session = await startRecordingServer(says(anna))
  })

  it('warns of the process once for each kind of failure, unless it was told whom to tell', async () => {
    const warnings: Error[] = []
    const listen = (warning: Error) => warnings.push(warning)
    process.on('warning', listen)
    try {
      const verify = createVerifier({ url: `http://${r3session.host}`, key: KEY })
      for (const status of [500, 500, 502]) {
        r3session.answer = respond(status)
        await failure(verify(bearer()))
      }
      // Warnings are emitted on the next tick.
      await new Promise(setImmediate)
    } finally {
      process.off('warning', listen)
    }
    expect(warnings.filter(({ name }) => name === 'R3SessionWarning')).to.have.length(2)
  })
})

/** The VerifyError of a refusal. Fails the test for any other outcome. */
async function failure(promise: Promise<unknown>): Promise<VerifyError> {
  const outcome = await promise.then(
    (value) => ({ resolved: value }),
    (error: unknown) => error,
  )
  expect(outcome).to.be.instanceOf(VerifyError)
  return outcome as VerifyError
}
