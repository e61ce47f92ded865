import { expect } from 'chai'
import type { Sealed } from '#src/sandbox/index.js'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

describe('forged data', () => {
  let service: RunningService
  let token: string
  before(async () => {
    service = await startService({ env: { LIMIT_DECRYPT_FAILURES: '0' } })
    token = await service.login('ann')
  })
  after(() => service.close())
  const decrypt = (body: object) => service.send('POST', '/v1/decrypt', { token, body })
  const bytes = (text: string) => Buffer.from(text, 'base64')

  /** What an attacker does with a genuine pair: (ciphertext, iv) -> (ciphertext, iv). */
  const forge = ({ encryptedData, iv }: Sealed, change: (data: Buffer, iv: Buffer) => [Buffer, Buffer]) => {
    const [data, newIv] = change(bytes(encryptedData), bytes(iv))
    return { encryptedData: data.toString('base64'), iv: newIv.toString('base64') }
  }
  /** The iv that turns the first plaintext block from one text into another. */
  const steer = (iv: Buffer, from: string, to: string) =>
    iv.map((byte, i) => byte ^ (from.codePointAt(i) ?? 0) ^ (to.codePointAt(i) ?? 0))
  const block = (data: Buffer, i: number) => data.subarray(i * 16, i * 16 + 16)

  it('never opens, and every refusal is the same answer', async () => {
    const genuine = await service.weixin.userInfo('ann')
    const { openid } = service.weixin.identity('ann')
    const first = `{"openId":"${openid}`.slice(0, 16)
    const nickname = '13800000000","purePhoneNumber":"13800000000","countryCode":"86","x":"'
    const dressedUp = await service.weixin.userInfo('ann', {
      profile: { nickName: `aaaaaaaaaaaaaaaa${nickname}` },
    })

    const forgeries = {
      'the iv rewritten to another openId': forge(genuine, (data, iv) => [
        data,
        Buffer.from(steer(iv, first, '{"openId":"oEVIL')),
      ]),
      'a block dropped': forge(genuine, (data, iv) => [
        Buffer.concat([data.subarray(0, 32), data.subarray(48)]),
        iv,
      ]),
      'two blocks swapped': forge(genuine, (data, iv) => [
        Buffer.concat([block(data, 1), block(data, 0), data.subarray(32)]),
        iv,
      ]),
      'the last block dropped': forge(genuine, (data, iv) => [data.subarray(0, -16), iv]),
      'a bit of the padding flipped': forge(genuine, (data, iv) => {
        const copy = Buffer.from(data)
        copy[copy.length - 17] = (copy.at(-17) ?? 0) ^ 1
        return [copy, iv]
      }),
      'half a block': forge(genuine, (data, iv) => [data.subarray(0, -8), iv]),
      'nothing at all': { encryptedData: '', iv: genuine.iv },
      'an iv of 15 bytes': forge(genuine, (data, iv) => [data, iv.subarray(1)]),
      'no base64': { encryptedData: '$$$$', iv: genuine.iv },
      'data without a watermark': await service.weixin.seal('ann', {
        phoneNumber: '1',
        watermark: undefined,
      }),
      'fields of two kinds, one of which has no watermark': await service.weixin.seal('ann', {
        opengid: 'tGmadeUp0000000000000000001',
        openGId: 'tGmadeUp0000000000000000001',
      }),
      'a group whose id is one that a forged block could hold': await service.weixin.seal('ann', {
        opengid: 'tG',
        watermark: null,
      }),
      "a group with another app's watermark": await service.weixin.seal('ann', {
        opengid: 'tGmadeUp0000000000000000001',
        watermark: { appid: 'wxother', timestamp: Math.floor(service.time.now / 1000) },
      }),
      'a run without steps': await service.weixin.seal('ann', {
        stepInfoList: [{ timestamp: '1', step: 1 }],
      }),
      'a bare text': await service.weixin.seal('ann', '1151_but-too-short'),
      "another app's watermark": await service.weixin.seal('ann', {
        phoneNumber: '1',
        watermark: { appid: 'wxother', timestamp: Math.floor(service.time.now / 1000) },
      }),
    }
    const answers = []
    for (const [name, body] of Object.entries(forgeries)) {
      const answer = await decrypt(body)
      expectProblem(answer, 422, 'decrypt_failed', 'relogin')
      answers.push(answer.text.replaceAll(String(answer.json['requestId']), '<id>'))
      expect(new Set(answers).size, name).to.equal(1)
    }

    // The classic: a phone number written into a nickname, cut out with a new first block in front of it. Where the
    // nickname's blocks begin depends on the fields before it, so every cut is tried.
    const blocks = bytes(dressedUp.encryptedData).length / 16
    for (let cut = 1; cut < blocks; cut++) {
      const forged = forge(dressedUp, (data) => {
        const before = block(data, cut - 1)
        return [data.subarray(cut * 16), Buffer.from(steer(before, 'aaaaaaaaaaaaaaaa', '{"phoneNumber":"'))]
      })
      expectProblem(await decrypt(forged), 422, 'decrypt_failed')
    }
  })

  it('would open without the rule of one kind: the cut-out nickname really has a good watermark and padding', async () => {
    const profile = { nickName: '13800000000', gender: 1 }
    const number = { phoneNumber: '13800000000', purePhoneNumber: '13800000000', countryCode: '86' }
    const spliced = await service.weixin.seal('ann', { ...number, gender: profile.gender })
    expectProblem(await decrypt(spliced), 422, 'decrypt_failed')
    const honest = await service.weixin.seal('ann', number)
    expect((await decrypt(honest)).status).to.equal(200)
  })
})
