import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { samplesIn } from '../support/metrics/scrape.js'
import { startService } from '../support/service/start-service.js'

const RULES = 'deploy/prometheus/r3session.rules.yml'
const DASHBOARD = 'deploy/grafana/r3session.json'
const key = 'metrics-key-0123456789abcdef0123456789'

interface Dashboard {
  readonly panels: readonly {
    readonly id: number
    readonly title: string
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
    readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
  }[]
}

describe('what deploy/ has for Prometheus and Grafana', () => {
  let text: string
  before(async () => {
    const service = await startService({ env: { SERVICE_KEYS: `prometheus:${key}` } })
    try {
      const token = await service.login('ann')
      await service.send('DELETE', '/v1/session', { token })
      const headers = { authorization: `Bearer ${key}` }
      // The first scrape is what the second one counts.
      for (let n = 0; n < 2; n++) text = (await service.call('GET', '/metrics', { headers })).text
    } finally {
      await service.close()
    }
  })

  const { panels } = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as Dashboard
  const queries = panels.flatMap(({ targets = [] }) => targets)
  const rules = readFileSync(RULES, 'utf8')

  /** Runs promtool, and gives what it says. Debian's package prometheus brings it. */
  function promtool(context: Mocha.Context, args: readonly string[], input = '') {
    const { status, stdout, stderr, error } = spawnSync('promtool', args, {
      input,
      encoding: 'utf8',
      timeout: 30_000,
    })
    if (error !== undefined && 'code' in error && error.code === 'ENOENT') {
      process.stderr.write('      promtool is not installed (apt-get install prometheus)\n')
      context.skip()
    }
    return { status, said: stdout + stderr }
  }

  it('is a configuration and rules that promtool takes', function () {
    const { status, said } = promtool(this, ['check', 'config', 'deploy/prometheus/prometheus.yml'])
    expect(status, said).to.equal(0)
    expect(said).to.match(/1 rule files found/)
  })

  it('has a test of every alert, for when it fires and when it does not', function () {
    const { status, said } = promtool(this, ['test', 'rules', RULES.replace('.yml', '.test.yml')])
    expect(status, said).to.equal(0)
    const tests = readFileSync(RULES.replace('.yml', '.test.yml'), 'utf8')
    for (const [, alert] of rules.matchAll(/alert: (\w+)/g)) {
      expect(tests, alert).to.match(new RegExp(`alertname: ${alert}, exp_alerts: \\[\\]`))
      expect(tests, alert).to.match(new RegExp(`alertname: ${alert}\\n +exp_alerts: ?(\\n|\\[\\{)`))
    }
  })

  it('fits metrics in which promtool finds nothing to mend', function () {
    const { said } = promtool(this, ['check', 'metrics'], text)
    // prom-client's own names stay as they are known: nodejs_active_handles_total is a gauge.
    expect(
      said.split('\n').filter((line) => line !== '' && !/^nodejs_active_\w+_total /.test(line)),
    ).to.deep.equal([])
  })

  it('names metrics that there are, with labels that they have', () => {
    const samples = [...samplesIn(text).keys(), 'up{job="r3session",instance="a"}']
    // Where nothing was collected yet, prom-client's histogram has no samples.
    const known = new Map([['nodejs_gc_duration_seconds_sum', new Set(['job', 'instance', 'kind'])]])
    for (const sample of samples) {
      const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(sample) ?? []
      const all = known.get(name) ?? new Set(['job', 'instance'])
      for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) all.add(label)
      known.set(name, all)
    }
    const expressions = [...queries.map(({ expr }) => expr), ...rules.split(/^ +- alert: /m).slice(1)]
    expect(expressions).to.have.lengthOf.above(30)
    for (const expression of expressions) {
      const selectors = [...expression.matchAll(/\b((?:r3session|nodejs|process)_\w+|up)\{([^}]*)\}/g)]
      expect(selectors, expression).not.to.deep.equal([])
      for (const [, name = '', matchers = ''] of selectors) {
        expect([...known.keys()], expression).to.include(name)
        const labels = [...matchers.matchAll(/(\w+)(?:=~?|!=)"/g)].map(([, label = '']) => label)
        const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, by = '']) => by.split(', '))
        expect([...(known.get(name) ?? [])], expression).to.include.members(grouped)
        expect([...(known.get(name) ?? [])], expression).to.include.members(labels)
        expect(labels, expression).to.include('job')
      }
      const bare = expression.match(/\br3session_\w+(?![\w{])/g) ?? []
      expect(bare, 'without a job').to.deep.equal([])
    }
  })

  it('is a dashboard whose panels lie side by side, each with a name and queries of its own', () => {
    expect(new Set(panels.map(({ id }) => id)).size).to.equal(panels.length)
    expect(new Set(panels.map(({ title }) => title)).size).to.equal(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    )
    expect(new Set(cells).size).to.equal(cells.length)
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).to.be.at.most(24)
    expect(queries.every(({ legendFormat }) => legendFormat !== '')).to.equal(true)
  })

  it('has a panel or an alert for every metric of ours', () => {
    const told = [...text.matchAll(/^# TYPE (r3session_\w+) /gm)].map(([, name = '']) => name)
    const all = rules + queries.map(({ expr }) => expr).join()
    expect(told.filter((name) => !all.includes(name))).to.deep.equal([])
  })
})
