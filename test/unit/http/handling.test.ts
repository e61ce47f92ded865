import type { IncomingMessage } from 'node:http'
import { expect } from 'chai'
import { createAdmission } from '#src/app/admission/admission.js'
import { usualPlaces } from '#src/app/admission/lanes.js'
import type { Asked } from '#src/app/http/asked.js'
import { type Answered, createHandling } from '#src/app/http/requests.js'
import { type Route, route } from '#src/app/http/route.js'
import { R3SessionError } from '#src/domain/errors.js'

const counted = route({
  method: 'GET',
  path: '/v1/auth',
  summary: '',
  isCounted: true,
  lane: 'verify',
  success: { status: 200, means: '' },
  errors: ['invalid_session'],
  handle: async () => ({}),
})

function asking(asked: Route): Asked {
  const request = { url: asked.path, headers: {}, rawHeaders: [] } as unknown as IncomingMessage
  return {
    request,
    requestId: 'id',
    route: asked,
    method: asked.method,
    path: asked.path,
    querystring: '',
    params: {},
    contentType: { type: '', charset: '' },
    answerHeaders: {},
    readBody: async () => Buffer.alloc(0),
  }
}

function start(
  level: 'debug' | 'info',
  { isStopping = () => false, atMost = 10 }: { isStopping?: () => boolean; atMost?: number } = {},
) {
  const lines: string[] = []
  const observed: Answered[] = []
  const time = { now: 0 }
  const write = (name: string) => (fields: object, message: string) =>
    void lines.push(`${name} ${message} ${JSON.stringify(fields)}`)
  const log = {
    isLevelEnabled: () => level === 'debug',
    debug: write('debug'),
    info: write('info'),
    error: write('error'),
  }
  const places = { ...usualPlaces, verify: { ...usualPlaces.verify, atMost } }
  const handling = createHandling({
    routes: [counted],
    log,
    monotonic: () => time.now,
    isStopping,
    clientOf: () => '',
    admission: createAdmission({ places, after: () => () => {} }),
    observe: (answered) => observed.push(answered),
  })
  const ask = () =>
    handling.handle(asking(counted), (admission) => counted.answer(asking(counted), admission))
  return { lines, observed, time, ask, ...handling }
}

describe('the log of verifications', () => {
  it('counts those that went well, and says how many since the last time', async () => {
    const { ask, logCounts, lines } = start('info')
    for (let count = 0; count < 3; count++) await ask()
    expect(lines).to.deep.equal([])
    logCounts()
    logCounts()
    expect(lines).to.deep.equal(['info verified {"route":"/v1/auth","count":3}'])
  })

  it('has a line for each at debug, and counts them too', async () => {
    const { ask, logCounts, lines } = start('debug')
    await ask()
    logCounts()
    expect(lines).to.have.lengthOf(2)
    expect(lines[0]).to.match(/^debug request .*"route":"\/v1\/auth","status":200/)
  })

  it('has a line for each that was refused, and does not count it', async () => {
    const { handle, logCounts, lines } = start('info')
    await handle(asking(counted), () => Promise.reject(new R3SessionError('invalid_session')))
    logCounts()
    expect(lines).to.have.lengthOf(1)
    expect(lines[0]).to.match(/^info request .*"status":401.*"code":"invalid_session"/)
  })

  it('ends the connection with the answer when the service is stopping', async () => {
    const { ask } = start('info', { isStopping: () => true })
    const { status, head } = await ask()
    expect(status).to.equal(200)
    expect(head.join()).to.include('Connection,close')
  })
})

describe('a request for which there is no place', () => {
  it('is refused with overloaded, and may come again soon', async () => {
    const { status, head, body } = await start('info', { atMost: 0 }).ask()
    expect(status).to.equal(503)
    expect(body).to.include('"code":"overloaded"')
    expect(head.join()).to.include('Retry-After,1')
  })

  it('is counted in the log, in one line a second however many there are', async () => {
    const { ask, lines, time, logCounts } = start('info', { atMost: 0 })
    const line = (count: number) =>
      `error too much at once: requests were refused {"route":"/v1/auth","count":${count}}`
    for (let count = 0; count < 5; count++) await ask()
    expect(lines).to.deep.equal([line(1)])
    time.now = 1000
    await ask()
    expect(lines).to.deep.equal([line(1), line(5)])
    await ask()
    logCounts()
    logCounts()
    expect(lines).to.deep.equal([line(1), line(5), line(1)])
  })

  it('has a line of its own at debug', async () => {
    const { ask, lines } = start('debug', { atMost: 0 })
    await ask()
    expect(lines.at(-1)).to.match(/^debug request .*"status":503.*"code":"overloaded"/)
  })
})

describe('who observes requests', () => {
  it('is told of each one, whatever came of it', async () => {
    const { ask, handle, observed } = start('info')
    await ask()
    await handle(asking(counted), () => Promise.reject(new R3SessionError('invalid_session')))
    await handle({ ...asking(counted), route: undefined }, () =>
      Promise.reject(new R3SessionError('not_found')),
    )
    expect(observed.map(({ route, method, status }) => `${method} ${route} ${status}`)).to.deep.equal([
      'GET /v1/auth 200',
      'GET /v1/auth 401',
      'GET none 404',
    ])
  })
})
