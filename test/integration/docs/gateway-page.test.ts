import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'

const gateway = {
  'X-WX-OPENID': 'oANNA',
  'X-WX-APPID': 'wxDEMO',
  'X-WX-UNIONID': 'uANNA',
  'X-WX-SOURCE': 'wx_client',
  'X-Gateway-Secret': 's'.repeat(32),
}

describe('docs/behind-a-gateway.md', () => {
  let project: string
  let examples: string[]

  before(async () => {
    const page = await readFile('docs/behind-a-gateway.md', 'utf8')
    examples = [...page.matchAll(/^```js\n(.*?)^```/gms)].map(([, code = '']) => code)
    project = await mkdtemp(resolve('build/gateway-page-'))
    await mkdir(join(project, 'node_modules/@r3session'), { recursive: true })
    await symlink(resolve('node_modules/koa'), join(project, 'node_modules/koa'))
    await symlink(resolve('verify'), join(project, 'node_modules/@r3session/verify'))
  })

  after(() => rm(project, { recursive: true }))

  for (const [at, name] of ['node:http', '@r3session/verify'].entries()) {
    it(`shows a service with ${name} that knows the caller whom the gateway let through, and refuses the rest`, async () => {
      const code = examples[at] ?? ''
      expect(code).to.include(`from '${name}'`)
      await withService(code, async (get) => {
        const { 'X-WX-UNIONID': _, ...withoutUnionid } = gateway
        for (const headers of [gateway, withoutUnionid]) {
          expect(await get(headers)).to.deep.equal({ status: 200, text: '{"ordersOf":"oANNA"}' })
        }
        const { 'X-WX-SOURCE': __, ...withoutSource } = gateway
        const { 'X-WX-OPENID': ___, ...withoutOpenid } = gateway
        const { 'X-Gateway-Secret': ____, ...withoutSecret } = gateway
        const forged = [
          {},
          withoutSource,
          withoutOpenid,
          { ...gateway, 'X-WX-SOURCE': 'wx_unknown' },
          ...(name === '@r3session/verify' ? [withoutSecret] : []),
        ]
        for (const headers of forged) expect((await get(headers)).status).to.equal(401)
      })
    })
  }

  it('shows no other code', () => expect(examples).to.have.lengthOf(2))

  /** Runs an example as a process. Its port is a socket in the project's folder, which nobody else can have taken. */
  async function withService(
    code: string,
    use: (
      get: (headers: Record<string, string>) => Promise<{ status: number | undefined; text: string }>,
    ) => Promise<void>,
  ): Promise<void> {
    const socketPath = join(project, 'socket')
    await writeFile(join(project, 'service.mjs'), code)
    const child = spawn(process.execPath, ['service.mjs'], {
      cwd: project,
      env: { PORT: socketPath, GATEWAY_SECRET: gateway['X-Gateway-Secret'] },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let complaints = ''
    child.stderr.on('data', (chunk) => {
      complaints += chunk
    })
    const ended = once(child, 'exit')

    async function get(headers: Record<string, string>) {
      const sent = request({ socketPath, path: '/api/orders', headers, agent: false }).end()
      const [response]: IncomingMessage[] = await once(sent, 'response')
      if (response === undefined) throw new Error('no response')
      return { status: response.statusCode, text: Buffer.concat(await response.toArray()).toString() }
    }

    try {
      while (!(await get({}).catch(() => false))) {
        if (child.exitCode !== null) throw new Error(complaints)
        await pause(10)
      }
      await use(get)
    } finally {
      child.kill()
      await ended
      await rm(socketPath, { force: true })
    }
  }
})
