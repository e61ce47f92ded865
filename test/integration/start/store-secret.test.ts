import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadConfig } from '#src/app/config/config.js'
import { secretIn } from '#src/app/config/secret-file.js'
import { inspectStore } from '#src/app/wire.js'
import { openService } from '../../support/service/declared-errors.js'
import { type SpawnedService, spawnService, temporaryFolder } from '../../support/service/spawn-service.js'

describe('the store with its secret', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let path: string
  let secret: string
  beforeEach(() => {
    folder = temporaryFolder()
    path = join(folder.path, 'data/sessions.db')
    secret = `${path}.secret`
  })
  afterEach(() => folder.remove())

  const configOf = (secrets: readonly string[] = []) =>
    loadConfig(
      {
        SESSION_STORE: `sqlite:${path}`,
        SESSION_SECRET: secrets.map((secret) => secret.padEnd(32, '.')).join(),
      },
      () => '',
    )

  /** Starts the service, logs a user in where that is wanted, stops it, and gives what it logged. */
  async function run({ given = [] as string[], login = true } = {}): Promise<string[]> {
    const lines: string[] = []
    const log = {
      isLevelEnabled: () => false,
      debug: () => {},
      info: (_fields: object, message: string) => lines.push(message),
      error: (fields: object, message: string) => lines.push(`${JSON.stringify(fields)} ${message}`),
    }
    const service = await openService(configOf(given), log)
    try {
      if (login) await logIn(service)
      return lines.filter((line) => line !== 'request' && line !== 'audit')
    } finally {
      await service.close()
    }
  }

  async function logIn({ app }: Awaited<ReturnType<typeof openService>>): Promise<void> {
    const server = app.koa.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const address = server.address()
      const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
      const phone = await fetch(`${url}/sandbox/login`, { method: 'POST' })
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${url}/v1/login`, { method: 'POST', headers, body: await phone.text() })
      expect(answer.status).to.equal(201)
    } finally {
      server.close()
      server.closeAllConnections()
    }
  }

  const failure = async (given = [] as string[]) =>
    run({ given }).then(
      () => 'it opened',
      (error) => (error.cause ?? error).message as string,
    )

  it('is made without a word, and opens again without a word', async () => {
    expect(await run()).to.deep.equal([])
    expect(await run()).to.deep.equal([])
  })

  it('begins anew in an empty file with nothing beside it, and says so', async () => {
    mkdirSync(join(folder.path, 'data'))
    writeFileSync(path, '')
    expect(await run({ login: false })).to.deep.equal(['the database was an empty file, and begins anew'])
    expect(await run({ login: false })).to.deep.equal([])
  })

  it('misses a secret only where something was sealed with it', async () => {
    await run({ login: false })
    rmSync(secret)
    expect(await run()).to.deep.equal([])
    rmSync(secret)
    const [line, ...rest] = await run()
    expect(line).to.match(
      /data\/sessions\.db\.secret"\} the store's secret is not there, a new one is made: sessions live/,
    )
    expect(rest).to.deep.equal([])
  })

  it('says so when the secret is another one, and starts', async () => {
    await run({ given: ['first'] })
    expect(await run({ given: ['second', 'first'], login: false })).to.deep.equal([])
    expect(await run({ given: ['second'], login: false })).to.deep.equal([
      `{"secret":"SESSION_SECRET"} the secret is not the one that the store was sealed with: sessions live on, sealed data opens after each user's next login`,
    ])
    writeFileSync(secret, 'third')
    expect((await run({ login: false }))[0]).to.match(/sessions\.db\.secret"\} the secret is not the one/)
    expect(inspectStore(configOf(['second']))).to.deep.equal({ found: 'database', secretFits: false })
    expect(inspectStore(configOf(['first']))).to.deep.equal({ found: 'database', secretFits: true })
    expect(inspectStore(configOf())).to.deep.equal({ found: 'database', secretFits: false })
  })

  it('takes a secret in a file for a sign of a lost database also where SESSION_SECRET is given', async () => {
    await run()
    rmSync(path)
    expect(await failure(['given'])).to.match(/is gone, but .*sessions\.db\.secret of it is left/)
    expect(readdirSync(join(folder.path, 'data'))).to.deep.equal(['sessions.db.secret'])
  })

  const spoilt: Record<string, [() => void, RegExp]> = {
    'a directory': [() => mkdirSync(secret), /secret is a directory: remove it, and put the secret back/],
    'a link to nowhere': [
      () => symlinkSync('nowhere', secret),
      /secret is a link to nowhere: remove it, and put/,
    ],
    empty: [() => writeFileSync(secret, '\n'), /secret is empty; restore it/],
  }
  for (const [what, [spoil, says]] of Object.entries(spoilt)) {
    it(`fails and makes nothing when the secret is ${what}`, async () => {
      mkdirSync(join(folder.path, 'data'))
      spoil()
      const before = readdirSync(join(folder.path, 'data'))
      expect(await failure()).to.match(says)
      expect(() => inspectStore(configOf())).to.throw(says)
      expect(readdirSync(join(folder.path, 'data'))).to.deep.equal(before)
    })
  }

  it('fails in words that name no foreign cure when the secret can be neither read nor made', () => {
    const file = join(folder.path, 'file')
    writeFileSync(file, '')
    expect(() => secretIn(join(file, 'secret'), () => 'x')).to.throw(
      /can not be made \(ENOTDIR\): see to the space/,
    )
    if (process.getuid?.() === 0) return
    const closed = join(folder.path, 'closed')
    writeFileSync(closed, 'secret')
    chmodSync(closed, 0)
    expect(() => secretIn(closed, () => 'x')).to.throw(/can not be read \(EACCES\) by this user .*chmod 600/)
  })

  it('has no secret of its own where the database can not be opened', async () => {
    mkdirSync(path, { recursive: true })
    expect(await failure()).to.match(/is a directory, not a file/)
    expect(inspectStore(configOf())).to.include({ found: 'trouble', trouble: 'directory' })
    rmSync(join(folder.path, 'data'), { recursive: true })
    writeFileSync(join(folder.path, 'data'), '')
    expect(await failure()).to.match(/data is no folder/)
    expect(readdirSync(folder.path)).to.deep.equal(['data'])
  })

  it('ends the process with one line that names the cure, and leaves nothing behind', async () => {
    mkdirSync(path, { recursive: true })
    const service: SpawnedService = await spawnService({ SESSION_STORE: `sqlite:${path}` })
    expect(await service.ended).to.deep.equal({ status: 1, signal: null })
    const [line, ...rest] = service.lines()
    expect(rest).to.deep.equal([])
    expect(line).to.include({ level: 'fatal', store: path, msg: 'cannot open the store' })
    expect(line?.['cause']).to.match(/is a directory, not a file\. Docker makes one/)
    expect(readdirSync(join(folder.path, 'data'))).to.deep.equal(['sessions.db'])
    expect(existsSync(secret)).to.equal(false)
  })

  it('keeps the secret it made', async () => {
    await run()
    const made = readFileSync(secret, 'utf8')
    expect(made).to.match(/^[0-9a-f]{64}\n$/)
    await run()
    expect(readFileSync(secret, 'utf8')).to.equal(made)
  })
})
