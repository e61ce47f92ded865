import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { expect } from 'chai'
import { CheckFailure } from '#src/app/doctor/doctor.js'
import { checkMetricsPort, checkPort } from '#src/app/doctor/port.js'
import { startService } from '../../support/service/start-service.js'

describe('the doctor, at the port,', () => {
  async function find(host: string, port: number): Promise<string> {
    try {
      return `ok ${(await checkPort({ host, port })).en}`
    } catch (error) {
      if (error instanceof CheckFailure) return `FAIL ${error.found.en}: ${error.advice.en}`
      throw error
    }
  }
  async function listening(server: Server): Promise<number> {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  it('finds one that is free, and leaves it so', async () => {
    const server = createServer()
    const port = await listening(server)
    server.close()
    await once(server, 'close')
    for (let look = 0; look < 2; look++)
      expect(await find('127.0.0.1', port)).to.equal(`ok 127.0.0.1:${port} is free`)
    expect(await find('127.0.0.1', 0)).to.equal('ok any that is free')
  })

  it('finds one that another program has, whether that speaks HTTP or not', async () => {
    const mute = createServer((socket) => socket.destroy())
    const web = createHttpServer((_request, response) => response.end('hello'))
    for (const server of [mute, web]) {
      const port = await listening(server)
      for (const host of ['127.0.0.1', '0.0.0.0'])
        expect(await find(host, port)).to.match(new RegExp(`EADDRINUSE: .*try PORT=${port + 1}`))
      server.close()
    }
  })

  it('takes a running r3session for no obstacle', async () => {
    const service = await startService()
    const port = Number(new URL(service.url).port)
    expect(await find('127.0.0.1', port)).to.equal(`ok 127.0.0.1:${port} is served by a running r3session`)
    await service.close()
  })

  it('finds the port of the metrics, free, taken, or served by a running r3session', async () => {
    const find = (port: number) =>
      checkMetricsPort({ host: '127.0.0.1', port }).then(
        ({ en }) => en,
        (error: CheckFailure) => error.advice.en,
      )
    const web = createHttpServer((_request, response) => response.end('# HELP other_metric\n'))
    const taken = await listening(web)
    expect(await find(taken)).to.match(new RegExp(`try METRICS_PORT=${taken + 1}`))
    web.close()
    await once(web, 'close')
    expect(await find(taken)).to.equal(`127.0.0.1:${taken} is free`)
    const service = await startService()
    const metrics = createHttpServer(service.service.metricsListener)
    const port = await listening(metrics)
    expect(await find(port)).to.equal(`127.0.0.1:${port} is served by a running r3session`)
    metrics.closeAllConnections()
    metrics.close()
    await service.close()
  })

  it('finds an address that is not of this machine', async () => {
    expect(await find('192.0.2.1', 3000)).to.match(
      /EADDRNOTAVAIL: 192\.0\.2\.1 is no address of this machine/,
    )
  })
})
