import { expect } from 'chai'
import type { WechatGateway } from '#src/domain/ports.js'
import { type Behaviour, hang, json, kept, reset } from '../../support/wechat/faulty-server.js'
import { appid, BRIEF, openid, phone, sessionKey, success } from '../../support/wechat/http-exchange.js'
import { withKeptConnection } from '../../support/wechat/kept-connection.js'
import { calls } from '../../support/wechat/wechat-calls.js'
import { failure } from '../wechat-gateway.js'

describe('createHttpWechat on a kept connection', () => {
  const { server, gateway, limit, login, traffic, warmUp } = withKeptConnection()
  const identity = { openid, sessionKey }

  it('makes all calls, one after the other', async () => {
    const everything = Object.values(calls)
    server().meets(kept(success), ...everything.map(({ answer }) => kept(answer)))
    await login()
    for (const { ask, result } of everything) expect(await ask(gateway())).to.deep.equal(result)
    expect(traffic()).to.deep.equal([1 + everything.length, 1])
  })

  it('goes on after answers that are errors, or no JSON at all', async () => {
    await warmUp(
      kept({ errcode: 40029 }),
      hang('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n<'),
      kept(success),
    )
    expect((await failure(login())).code).to.equal('code_invalid')
    expect((await failure(login())).code).to.equal('wechat_invalid_response')
    expect(await login()).to.deep.equal(identity)
    expect(traffic()).to.deep.equal([4, 1])
  })

  it('repeats a call when WeChat was busy, without a new connection', async () => {
    await warmUp(kept({ errcode: -1 }), kept(success))
    expect(await login()).to.deep.equal(identity)
    expect(traffic()).to.deep.equal([3, 1])
  })

  it('opens a connection for each call at the same time, and no more than it may', async () => {
    limit({ atMost: 3 })
    server().meets(kept(success))
    const answers = await Promise.all(Array.from({ length: 20 }, login))
    expect(answers).to.deep.equal(Array.from({ length: 20 }, () => identity))
    expect(traffic()).to.deep.equal([20, 3])
  })

  it('opens none for a second rush, however many came at once in the first', async () => {
    server().meets(kept(success))
    for (let rush = 0; rush < 2; rush++) await Promise.all(Array.from({ length: 100 }, login))
    expect(traffic()).to.deep.equal([200, 100])
  })

  it('is wechat_unreachable, with the code unspent, when all connections are taken until the deadline', async () => {
    limit({ atMost: 1, timeout: BRIEF })
    server().meets(hang())
    const errors = await Promise.all([login(), login()].map(failure))
    expect(errors.map((error) => error.code)).to.deep.equal(['wechat_timeout', 'wechat_unreachable'])
    expect(traffic()).to.deep.equal([1, 1])
    server().meets(kept(success))
    expect(await login()).to.deep.equal(identity)
  })

  it('gives each of many users the answer to their own code, whatever dies in between', async () => {
    let turn = 0
    const own: Behaviour = (socket, head, body) => {
      const asked = new URL(head.split(' ')[1] ?? '', server().url).searchParams.get('js_code')
      const answers = [kept, kept, json, kept]
      const make = answers[turn++ % answers.length] ?? kept
      if (turn % 7 === 0) reset()(socket, head, body)
      else make({ ...success, openid: `o${asked}` })(socket, head, body)
    }
    server().meets(own)
    const ask = async (code: string) => ({ code, openid: await openidOf(gateway(), code) })
    for (let round = 0; round < 5; round++) {
      const codes = Array.from({ length: 20 }, (_, n) => `${round}-${n}`)
      for (const { code, openid } of await Promise.all(codes.map(ask))) {
        expect(openid).to.be.oneOf([`o${code}`, 'wechat_invalid_response'])
      }
    }
  })

  it('still reads a phone number whole', async () => {
    await warmUp(kept(calls.phoneNumber.answer))
    expect(await calls.phoneNumber.ask(gateway())).to.deep.equal(phone)
  })
})

async function openidOf(gateway: WechatGateway, code: string): Promise<string> {
  return gateway.exchangeCode(appid, code).then(
    ({ openid }) => openid,
    (error) => error.code,
  )
}
