import { expect } from 'chai'
import fc from 'fast-check'
import type { Sample } from '#src/app/metrics/metric.js'
import { createRequestTally } from '#src/app/metrics/requests.js'

const route = '/v1/auth'

function samplesOf(tally: ReturnType<typeof createRequestTally>) {
  const [requests, durations] = tally.metrics()
  return { requests: requests?.values ?? [], durations: durations?.values ?? [] }
}
const named = (samples: readonly Sample[], end: string) =>
  samples.filter(({ metricName }) => metricName === `r3session_http_request_duration_seconds_${end}`)

describe('the tally of requests', () => {
  it('counts each route, method and status by itself', () => {
    const tally = createRequestTally()
    for (const [method, status] of [
      ['GET', 200],
      ['GET', 200],
      ['GET', 401],
      ['HEAD', 200],
    ] as const)
      tally.observe({ route, method, status, ms: 1 })
    tally.observe({ route: 'none', method: 'GET', status: 404, ms: 1 })
    expect(samplesOf(tally).requests).to.have.deep.members([
      { labels: { route, method: 'GET', status: 200 }, value: 2 },
      { labels: { route, method: 'GET', status: 401 }, value: 1 },
      { labels: { route, method: 'HEAD', status: 200 }, value: 1 },
      { labels: { route: 'none', method: 'GET', status: 404 }, value: 1 },
    ])
  })

  it('knows the usual methods, and calls all others `other`', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (methods) => {
        const tally = createRequestTally()
        for (const method of [...methods, 'GET', 'get', 'TRACE', '__proto__', 'other'])
          tally.observe({ route, method, status: 405, ms: 1 })
        const labels = samplesOf(tally).requests.map(({ labels }) => labels['method'])
        expect(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other']).to.include.members(
          labels,
        )
      }),
    )
  })

  it('puts a time into every step that it does not exceed, in seconds', () => {
    const tally = createRequestTally()
    for (const ms of [0, 0.5, 0.6, 60_000]) tally.observe({ route, method: 'GET', status: 200, ms })
    const { durations } = samplesOf(tally)
    const steps = named(durations, 'bucket').map(({ labels, value }) => [labels['le'], value])
    expect(steps.slice(0, 3)).to.deep.equal([
      [0.0005, 2],
      [0.001, 3],
      [0.0025, 3],
    ])
    expect(steps.at(-2)).to.deep.equal([10, 3])
    expect(steps.at(-1)).to.deep.equal(['+Inf', 4])
    expect(named(durations, 'count').map(({ value }) => value)).to.deep.equal([4])
    expect(named(durations, 'sum')[0]?.value).to.be.closeTo(60.0011, 1e-9)
  })
})
