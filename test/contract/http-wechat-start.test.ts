import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { appid, code, openid, secret, success } from '../support/http-exchange.js'
import { json, startSickServer } from '../support/sick-server.js'

/** Module hooks that tell when got is loaded, and take longer over it than the deadline of a call allows. */
const hooks = `
  import { writeSync } from 'node:fs'
  export async function resolve(specifier, context, next) {
    if (specifier === 'got') {
      writeSync(1, 'got is loaded\\n')
      await new Promise((done) => setTimeout(done, 900))
    }
    return next(specifier, context)
  }`

describe('createHttpWechat in a process that starts', () => {
  it('loads got with its first call, and once, at no cost to the deadline', async () => {
    const server = await startSickServer()
    try {
      server.meets(json(success))
      const script = `
        import { writeSync } from 'node:fs'
        import { register } from 'node:module'
        register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}))
        const { createHttpWechat } = await import('#src/adapters/http-wechat.js')
        const apps = new Map([['${appid}', '${secret}']])
        const gateway = createHttpWechat({ api: '${server.url}', apps, timeout: 600 })
        writeSync(1, 'made\\n')
        for (const turn of [1, 2]) {
          const { openid, code } = await gateway.exchangeCode('${appid}', '${code}').catch((error) => error)
          writeSync(1, (openid ?? code) + '\\n')
        }`
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
        cwd: import.meta.dirname,
        timeout: 9_000,
      })
      expect(stdout.trim().split('\n')).to.deep.equal(['made', 'got is loaded', openid, openid])
    } finally {
      await server.close()
    }
  })
})
