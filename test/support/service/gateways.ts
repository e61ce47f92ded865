import { expect } from 'chai'
import { caddy } from './caddy.js'
import { type Gateway, nginx } from './nginx.js'
import type { RawHeader, RecordingServer } from './recording-server.js'

export const SERVICE_KEY = 'k'.repeat(32)
export const user = {
  'X-WX-OPENID': 'oUSER',
  'X-WX-APPID': 'wxAPP',
  'X-WX-UNIONID': 'uUSER',
  'X-WX-SOURCE': 'wx_client',
}
export const bearer = (token: string): RawHeader => ['Authorization', `Bearer ${token}`]
export const unavailable = { status: 503, code: 'overloaded', action: 'retry' }

/** Every way to write X-WX-<name> that some server takes for it (CGI, WSGI, Rack and PHP read `_` where we write `-`). */
export const spellings = (name: string) =>
  ['-', '_', '.', '~', '+'].flatMap((mark) => [
    `X${mark}WX${mark}${name}`,
    `x-wx${mark}${name.toLowerCase()}`,
    `X${mark}Wx-${name}`,
  ])
export const names =
  'OPENID APPID UNIONID SOURCE ENV FROM-OPENID FROM-APPID FROM-UNIONID CLOUDBASE-ACCESS-TOKEN NOT-INVENTED-YET'
export const forged = names
  .split(' ')
  .flatMap((name) => [...spellings(name), `X-WX-${name}`].map((spelling): RawHeader => [spelling, 'forged']))

/** What a service could take for a word of WeChat's, names in upper case with dashes. */
export function wechatHeaders(server: RecordingServer): Record<string, string> {
  const { headers = [] } = server.requests.at(-1) ?? {}
  const like = headers.map(([name, value]) => [name.toUpperCase().replace(/[^A-Z0-9]/g, '-'), value] as const)
  const found = like.filter(([name]) => name.includes('WX'))
  expect(new Set(found.map(([name]) => name)), 'each of them once').to.have.lengthOf(found.length)
  return Object.fromEntries(found)
}

/** Runs a suite behind each gateway; where one is not installed, its tests are skipped. */
export function describeEachGateway(what: string, suite: (gateway: Gateway) => void): void {
  for (const gateway of [nginx, caddy]) {
    const missing = gateway.installed ? '' : `, which is not installed here (apt-get install ${gateway.name})`
    describe(`services behind ${gateway.name}${missing}`, () => {
      before(function () {
        if (!gateway.installed) this.skip()
      })
      describe(what, () => suite(gateway))
    })
  }
}
