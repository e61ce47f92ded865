import { createWx, type WxOptions } from '@r3session/wx-simulator'
import { expect } from 'chai'
import { APPID, NOWHERE } from './phone.js'

describe('the options of createWx', () => {
  const given = (options: object) => () => createWx({ appid: APPID, weixin: NOWHERE, ...options })

  it('createWx needs at least appid and weixin', () => {
    given({})()
    expect(() => createWx({} as WxOptions)).to.throw(TypeError, 'createWx: appid must be')
    expect(() => createWx(undefined as unknown as WxOptions)).to.throw(TypeError, 'createWx: appid must be')
    expect(() => createWx({ appid: APPID } as WxOptions)).to.throw(TypeError, 'createWx: weixin must be')
  })

  const wrong: [string, unknown[]][] = [
    ['appid', ['', 7, null, '\ud83d']],
    ['weixin', ['', 'localhost:3000', '/sandbox', 'ftp://127.0.0.1', 'http://', 7, null, [NOWHERE]]],
    ['user', ['', 7, null, 'x'.repeat(65), '\ud83d']],
    ['storage', [null, {}, 7, { getItem: () => null }]],
    ['clock', [0, null, new Date()]],
    [
      'hosts',
      [null, 'https://a', ['https://a'], { 'https://a': 7 }, { 'https://a': '/b' }, { a: 'https://b' }],
    ],
    ['callsPerSecond', [0, -1, Number.NaN, '4', null]],
  ]
  for (const [name, values] of wrong) {
    it(`createWx refuses an invalid ${name} and says what it must be`, () => {
      for (const value of values) expect(given({ [name]: value })).to.throw(TypeError, `createWx: ${name}`)
    })
  }

  it('createWx accepts valid options', () => {
    given({ user: 'x'.repeat(64) })()
    given({ user: '😀'.repeat(64) })()
    given({ user: '小猪🐷', hosts: { 'https://***.smallerpig.com': 'http://127.0.0.1:3000/base/' } })()
    given({ weixin: 'HTTPS://sandbox.example.com/', callsPerSecond: 4, clock: () => 0 })()
  })
})
