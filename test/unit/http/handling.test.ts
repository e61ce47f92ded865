import type { IncomingMessage } from 'node:http'
import { expect } from 'chai'
import type { Asked } from '#src/app/http/asked.js'
import { createHandling } from '#src/app/http/requests.js'
import { type Route, route } from '#src/app/http/route.js'
import { R3SessionError } from '#src/domain/errors.js'

const counted = route({
  method: 'GET',
  path: '/v1/auth',
  summary: '',
  isCounted: true,
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

describe('the log of verifications', () => {
  function start(level: 'debug' | 'info', isStopping = () => false) {
    const lines: string[] = []
    const write = (name: string) => (fields: object, message: string) =>
      void lines.push(`${name} ${message} ${JSON.stringify(fields)}`)
    const log = {
      isLevelEnabled: () => level === 'debug',
      debug: write('debug'),
      info: write('info'),
      error: write('error'),
    }
    const options = { routes: [counted], log, monotonic: () => 0, isStopping, clientOf: () => '' }
    return { lines, ...createHandling(options) }
  }

  it('counts those that went well, and says how many since the last time', async () => {
    const { handle, logVerified, lines } = start('info')
    for (let count = 0; count < 3; count++)
      await handle(asking(counted), () => counted.answer(asking(counted)))
    expect(lines).to.deep.equal([])
    logVerified()
    logVerified()
    expect(lines).to.deep.equal(['info verified {"route":"/v1/auth","count":3}'])
  })

  it('has a line for each at debug, and counts them too', async () => {
    const { handle, logVerified, lines } = start('debug')
    await handle(asking(counted), () => counted.answer(asking(counted)))
    logVerified()
    expect(lines).to.have.lengthOf(2)
    expect(lines[0]).to.match(/^debug request .*"route":"\/v1\/auth","status":200/)
  })

  it('has a line for each that was refused, and does not count it', async () => {
    const { handle, logVerified, lines } = start('info')
    await handle(asking(counted), () => Promise.reject(new R3SessionError('invalid_session')))
    logVerified()
    expect(lines).to.have.lengthOf(1)
    expect(lines[0]).to.match(/^info request .*"status":401.*"code":"invalid_session"/)
  })

  it('ends the connection with the answer when the service is stopping', async () => {
    const { handle } = start('info', () => true)
    const { status, head } = await handle(asking(counted), () => counted.answer(asking(counted)))
    expect(status).to.equal(503)
    expect(head.join()).to.include('Connection,close').and.include('Retry-After,1')
  })
})
