import { expect } from 'chai'
import {
  type Answer,
  expectProblem,
  type RunningService,
  startService,
} from '../../support/service/start-service.js'

describe('the code that the developer tools give without an appid', () => {
  let service: RunningService
  before(async () => {
    service = await startService()
  })
  after(() => service.close())

  const mock = 'the code is a mock one'
  const json = { 'content-type': 'application/json' }
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const post = (path: string, headers: Record<string, string>, body: string) => () =>
    service.call('POST', path, { headers: { 'accept-language': language, ...headers }, body })
  const get = (query: string) => () =>
    service.call('GET', `/user/getuserinfo?${query}`, { headers: { 'accept-language': language } })
  let language = 'en'

  const shapes: [string, () => Promise<Answer>][] = [
    ['POST /v1/login', post('/v1/login', json, JSON.stringify({ code: mock }))],
    ['POST /v1/login with more', post('/v1/login', json, JSON.stringify({ code: mock, errMsg: 'login:ok' }))],
    ['a bare body of any type', post('/user/getuserinfo', {}, mock)],
    ['a bare body called JSON', post('/user/getuserinfo', json, mock)],
    ['a bare body called a form', post('/user/getuserinfo', form, mock)],
    ['a bare body in form encoding', post('/user/getuserinfo', form, 'the+code+is+a+mock+one=')],
    ['a bare body in URL encoding', post('/user/getuserinfo', form, encodeURIComponent(mock))],
    ['a JSON string', post('/user/getuserinfo', json, JSON.stringify(mock))],
    ['a JSON object', post('/user/getuserinfo', json, JSON.stringify({ code: mock }))],
    ['a form', post('/user/getuserinfo', form, `${new URLSearchParams({ code: mock })}`)],
    ['a POST with a query', post(`/user/getuserinfo?${new URLSearchParams({ code: mock })}`, {}, '')],
    ['a query', get(`${new URLSearchParams({ code: mock })}`)],
    ['a query with %20', get(`code=${encodeURIComponent(mock)}`)],
    ['blanks around it', post('/v1/login', json, JSON.stringify({ code: ` ${mock}\n` }))],
  ]
  for (const [shape, ask] of shapes) {
    it(`is refused with a word on what it is, in both languages, and is not shown to WeChat: ${shape}`, async () => {
      for (const [spoken, detail] of [
        ['en', /developer tools .*without an appid.*project\.config\.json/],
        ['zh-CN', /微信开发者工具.*没有 appid.*project\.config\.json/],
      ] as const) {
        language = spoken
        const answer = await ask()
        expectProblem(answer, 400, 'invalid_request', 'fix_request')
        expect(answer.json['detail']).to.match(detail)
      }
      expect(service.weixin.calls).to.deep.equal([])
    })
  }

  it('is known by its whole text: a code that only looks like it is of a wrong form', async () => {
    for (const code of [`${mock}s`, 'the code', 'the code is a mock one!', 'a mock one']) {
      const answer = await service.send('POST', '/v1/login', { body: { code } })
      expectProblem(answer, 400, 'invalid_request')
      expect(answer.json['detail']).to.equal(
        'The field code is not of the right form. See /docs#error-invalid_request.',
      )
    }
  })
})
