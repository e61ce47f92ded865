import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import Koa from 'koa'
import { createAdmission } from '#src/app/admission/admission.js'
import { createHandling } from '#src/app/http/requests.js'
import { type Route, route } from '#src/app/http/route.js'
import { serve } from '#src/app/http/router.js'
import { type ErrorCode, R3SessionError } from '#src/domain/errors.js'
import { takeFound, watchOutput } from '../../support/service/declared-errors.js'

/** What the router says of routes whose handlers fail with these codes, when each is asked. */
async function saidOf(routes: readonly Route[]): Promise<string[]> {
  const said: string[] = []
  const app = new Koa()
  app.silent = true
  const log = {
    isLevelEnabled: () => false,
    debug: () => {},
    info: () => {},
    error: (line: object) => {
      if ('undeclared' in line && 'route' in line) said.push(`${line.route} ${line.undeclared}`)
    },
  }
  const handling = createHandling({
    routes,
    log,
    monotonic: () => 0,
    isStopping: () => false,
    clientOf: () => '',
    admission: createAdmission({ after: () => () => {} }),
  })
  app.use(serve(routes, handling, () => ''))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    for (const { path } of routes) await fetch(`http://127.0.0.1:${port}${path}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
  return said
}

function failing(path: string, code: ErrorCode, declared: Partial<Route> = {}): Route {
  const bare = {
    method: 'GET',
    path,
    lane: 'other',
    summary: '',
    errors: [],
    success: { status: 200, means: '' },
  } as const
  return route({
    ...bare,
    ...(declared.errors && { errors: declared.errors }),
    ...(declared.anyRequest && { anyRequest: true as const }),
    handle: () => Promise.reject(new R3SessionError(code)),
  })
}

describe('a code that a route answers', () => {
  it('is noticed where the route does not declare it', async () => {
    const routes = [
      failing('/wrong', 'invalid_session'),
      failing('/right', 'invalid_session', { errors: ['invalid_session'] }),
      failing('/everywhere', 'overloaded'),
      failing('/gateway', 'unauthorized', { anyRequest: true }),
    ]
    expect(await saidOf(routes)).to.deep.equal(['/wrong invalid_session', '/gateway unauthorized'])
  })

  it('is found in the log of a process, and fails the test run', () => {
    const before = takeFound()
    watchOutput('{"level":"info","msg":"request"}\n{"route":"/x","undeclared":"internal"}\n')
    expect(takeFound()).to.deep.equal(['{"route":"/x","undeclared":"internal"}'])
    for (const line of before) watchOutput(line)
  })

  it('is watched in every test: nobody starts the service but by the helpers', () => {
    const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    )
    const starting = files.filter((name) =>
      /\b(?:openService|createApp)\b[^;]*?from '#src\/|['"]dist\/bundle\/main\.js['"]/.test(
        readFileSync(`test/${name}`, 'utf8'),
      ),
    )
    expect(starting.sort()).to.deep.equal([
      // Looks for such lines itself.
      'proofs/fuzz/target.ts',
      'support/service/declared-errors.ts',
      'support/service/spawn-service.ts',
    ])
  })
})
