import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { createWechatTransport } from '#src/adapters/wechat/transport.js'

const TIMEOUT = 600

/** A WeChat with a loop of its own, which says that it was asked, and answers when it is told to or never. */
const wechat = `
const { parentPort } = require('node:worker_threads')
const server = require('node:http').createServer((request, response) => {
  parentPort.postMessage('asked')
  if (request.url === '/answered') setTimeout(() => response.end('{"openid":"ann"}'), 50)
})
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

describe('an answer of WeChat that comes while the event loop stands still', () => {
  let worker: Worker
  let transport: ReturnType<typeof createWechatTransport>
  beforeEach(async () => {
    worker = new Worker(wechat, { eval: true })
    const [port] = await once(worker, 'message')
    transport = createWechatTransport({ api: `http://127.0.0.1:${port}`, timeout: TIMEOUT, backoff: 1 })
  })
  afterEach(async () => {
    transport.close()
    await worker.terminate()
  })

  /** Asks, and holds up the loop from when WeChat has the request until its time is over. */
  async function askAndStall(path: string): Promise<string> {
    const asked = once(worker, 'message')
    const answer = transport.ask({ path }, String).catch((error: { code: string }) => error.code)
    await asked
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * TIMEOUT)
    return answer
  }

  it('is taken, though its time is over when it is looked at', async () => {
    expect(await askAndStall('answered')).to.equal('{"openid":"ann"}')
  })

  it('is missed where there is none', async () => {
    expect(await askAndStall('hangs')).to.equal('wechat_timeout')
  })
})
