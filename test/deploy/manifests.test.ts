import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { parse, parseAllDocuments } from 'yaml'
import { openRedis } from '#src/adapters/redis/open.js'
import { ConfigError, loadConfig } from '#src/app/config/config.js'
import { settings } from '#src/app/config/settings.js'
import { skipWithoutRedis, startRedis } from '../support/redis/servers.js'
import { startService } from '../support/service/start-service.js'

const read = (path: string) => readFileSync(path, 'utf8')
const FOLDER = 'deploy/kubernetes'
const { version } = JSON.parse(read('package.json'))
const names: string[] = Object.keys(settings).flatMap((name) => [name, `${name}_FILE`])
const pairs = (args: string): Record<string, string> =>
  Object.fromEntries(
    [...args.matchAll(/--([\w-]+)\s+(\S+)/g)].map(([, name = '', value = '']) => [
      name,
      value === "''" ? '' : value,
    ]),
  )

/** What the manifest for Redis and the compose file start it with, on our own folder. */
async function expectGoodRedis(args: string): Promise<void> {
  const { dir, ...given } = pairs(args)
  expect(dir).to.equal('/data')
  expect(given).to.include({ appendonly: 'yes', appendfsync: 'always', 'maxmemory-policy': 'noeviction' })
  const server = await startRedis(given)
  const doubts: string[] = []
  const news = { found: (some: readonly string[]) => void doubts.push(...some), lost: () => {} }
  const place = { hosts: [server], isTls: false, database: 0 }
  const store = openRedis({ place, prefix: 'r3session:', random: Math.random, news })
  try {
    await store.found
    expect(doubts).to.deep.equal([])
  } finally {
    await store.close()
    await server.close()
  }
}

describe('deploy/kubernetes', () => {
  const documents = (name: string) =>
    parseAllDocuments(read(`${FOLDER}/${name}`)).map((document) => document.toJS())
  const files = readdirSync(FOLDER)
  const all = files.flatMap(documents)
  const of = (kind: string, name = 'r3session') =>
    all.find((one) => one.kind === kind && one.metadata.name === name)
  const deployment = of('Deployment')
  const pod = deployment.spec.template.spec
  const [container] = pod.containers
  const env = Object.fromEntries(
    container.env.map(({ name, value }: { name: string; value: string }) => [name, value]),
  )
  const secrets: Record<string, string> = of('Secret').stringData
  const mounted = (given: Record<string, string>) => (path: string) => {
    const text = given[path.replace(`${container.volumeMounts[0].mountPath}/`, '')]
    if (text === undefined) throw new Error('ENOENT')
    return text
  }

  it('applies all of its files but the example of a Secret', () => {
    const [{ resources }] = documents('kustomization.yaml')
    const others = ['kustomization.yaml', 'secret.example.yaml']
    expect([...resources].sort()).to.deep.equal(files.filter((name) => !others.includes(name)).sort())
  })

  it('runs the version that this is', () => {
    expect(container.image).to.equal(`r3session:${version}`)
    expect(documents('kustomization.yaml')[0].images[0]).to.have.all.keys('name', 'newName')
  })

  it('probes routes that answer', async () => {
    const service = await startService()
    try {
      for (const name of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
        const { path, port } = container[name].httpGet
        expect(port).to.equal('http')
        expect((await service.call('GET', path)).status, name).to.equal(200)
      }
    } finally {
      await service.close()
    }
    expect(container.livenessProbe.httpGet.path, 'which asks nobody else').to.equal('/healthz')
    expect(container.readinessProbe.httpGet.path).to.equal('/readyz')
  })

  it('has settings that the service takes once the example of a Secret is filled in', () => {
    expect(names).to.include.members(Object.keys(env))
    const filled = {
      ...{ WECHAT_APPID: 'wx0123456789abcdef', WECHAT_SECRET: '0123456789abcdef0123456789abcdef' },
      ...{ SESSION_SECRET: 'a'.repeat(64), SERVICE_KEYS: `orders:${'b'.repeat(64)}` },
      SESSION_STORE: secrets['SESSION_STORE']?.replace('REPLACE', 'c'.repeat(64)) ?? '',
    }
    expect(Object.keys(filled)).to.have.members(Object.keys(secrets).filter((key) => key !== 'redis.conf'))
    const { port, metricsPort, store, warnings } = loadConfig(env, mounted(filled))
    const ports = Object.fromEntries(
      container.ports.map((each: { name: string; containerPort: number }) => [each.name, each.containerPort]),
    )
    expect({ http: port, metrics: metricsPort }).to.deep.equal(ports)
    expect(deployment.spec.template.metadata.annotations['prometheus.io/port']).to.equal(String(metricsPort))
    const [redis] = of('Service', 'r3session-redis').spec.ports
    expect(store).to.have.deep.nested.property('address.hosts', [
      { host: 'r3session-redis', port: redis.port },
    ])
    expect(warnings).to.deep.equal([])
  })

  it('does not start with the example of a Secret as it is', () => {
    const started = () => loadConfig({ ...env, NODE_ENV: 'production' }, mounted(secrets))
    expect(started)
      .to.throw(ConfigError)
      .with.property('message')
      .that.matches(/WECHAT_APPID/)
      .and.matches(/WECHAT_SECRET/)
      .and.matches(/SESSION_SECRET/)
      .and.matches(/SERVICE_KEYS/)
  })

  it('gives a pod the time that its end may take', () => {
    const before = container.lifecycle.preStop.sleep.seconds
    const longest = before + Number(settings.WECHAT_TIMEOUT.default) / 1000 + 3
    expect(pod.terminationGracePeriodSeconds).to.be.at.least(longest)
  })

  it('selects the pods that there are', () => {
    for (const name of ['r3session', 'r3session-redis']) {
      const labels = { 'app.kubernetes.io/name': name }
      const workload = of('Deployment', name) ?? of('StatefulSet', name)
      expect(workload.spec.template.metadata.labels).to.deep.equal(labels)
      expect(workload.spec.selector.matchLabels).to.deep.equal(labels)
      expect(of('Service', name).spec.selector).to.deep.equal(labels)
      expect(of('NetworkPolicy', name).spec.podSelector.matchLabels).to.deep.equal(labels)
    }
    expect(of('PodDisruptionBudget').spec.selector.matchLabels).to.deep.equal(
      deployment.spec.selector.matchLabels,
    )
    expect(of('HorizontalPodAutoscaler').spec.scaleTargetRef.name).to.equal(deployment.metadata.name)
  })

  it('lets every container do as little as it needs', () => {
    for (const spec of [pod, of('StatefulSet', 'r3session-redis').spec.template.spec]) {
      expect(spec.automountServiceAccountToken).to.equal(false)
      expect(spec.securityContext).to.deep.include({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      })
      for (const { securityContext, resources } of spec.containers) {
        expect(securityContext).to.deep.equal({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
        expect(resources.limits).to.have.property('memory')
        expect(resources.requests).to.have.all.keys('cpu', 'memory')
      }
    }
  })

  it('has a Redis that the service has no doubts about', async function () {
    skipWithoutRedis(this)
    const [{ args }] = of('StatefulSet', 'r3session-redis').spec.template.spec.containers
    await expectGoodRedis(args.map((arg: string) => (arg === '' ? "''" : arg)).join(' '))
  })
})

describe('compose.redis.yaml', () => {
  const { services } = parse(read('compose.redis.yaml'))
  const given = { WECHAT_APPID: 'wx0123456789abcdef', SESSION_SECRET: 'a'.repeat(64), REDIS_PASSWORD: 'b' }
  const filled = (text: string) =>
    text.replace(/\$\{(\w+)[^}]*\}/g, (_, name: keyof typeof given) => given[name])

  it('has settings that the service takes', () => {
    const env = Object.entries<string>(services.r3session.environment)
    expect(names).to.include.members(env.map(([name]) => name))
    const config = loadConfig(
      Object.fromEntries(env.map(([name, value]) => [name, filled(value)])),
      () => 's',
    )
    expect(config.store).to.have.deep.nested.property('address.hosts', [{ host: 'redis', port: 6379 }])
    expect(config.store).to.have.nested.property('address.password', given.REDIS_PASSWORD)
    expect(services.r3session.ports).to.deep.equal([`${config.port}:${config.port}`])
  })

  it('is compose.yaml but for the store', () => {
    const { environment, depends_on, ...same } = services.r3session
    const { environment: own, volumes, ...other } = parse(read('compose.yaml')).services.r3session
    expect(same).to.deep.equal(other)
    expect(environment).to.include(own)
  })

  it('has a Redis that the service has no doubts about', async function () {
    skipWithoutRedis(this)
    await expectGoodRedis(services.redis.command.at(-1))
  })
})

describe('the template for WeChat Cloud Run', () => {
  const template = JSON.parse(read('deploy/wechat-cloud-run/container.config.json'))

  it('names the port that the service is told to listen on', () => {
    expect(template.containerPort).to.equal(80)
    expect(loadConfig(template.envParams, () => '').port).to.equal(template.containerPort)
    expect(names).to.include.members(Object.keys(template.envParams))
  })

  it('builds our Dockerfile, and asks for a size that there is', () => {
    expect(read(template.dockerfilePath)).to.include('CMD ["node"')
    // https://developers.weixin.qq.com/miniprogram/dev/wxcloudrun/src/guide/service/pipeline.html
    expect([0.25, 0.5, 1, 2, 4, 8, 16]).to.include(template.cpu)
    expect(template.mem).to.equal(template.cpu * 2)
  })
})
