import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import { withResetKey } from '#src/domain/key-ring.js'
import { ann, claimAt, codeOf, endingAt, loginOf, start, tokenOf } from '../../support/store/logins.js'
import { openNode, withTwoNodes } from '../../support/store/sqlite-nodes.js'

describe('SQLite around logins', () => {
  const { one, another, folder, path } = withTwoNodes()
  const attempt = { appid: 'wx-one', code: 'code', key: 'key' }

  describe('in two processes at once', () => {
    it('never lets a user have more sessions than allowed', async () => {
      const counts: number[] = []
      const logins = Array.from({ length: 40 }, async (_, n) => {
        const { sessions } = n % 2 ? one() : another()
        await sessions.save(loginOf(n, ann, { maxSessions: 3, expiresAt: start + 100_000 }))
        counts.push((await sessions.list(ann, start + 50)).length)
      })
      await Promise.all(logins)
      expect(Math.max(...counts)).to.equal(3)
      expect((await one().sessions.list(ann, start + 50)).length).to.equal(3)
    })

    it('has each login either ended by endAll or refused, and counts the ended ones', async () => {
      for (let round = 0; round < 20; round++) {
        const user = { appid: 'wx-one', openid: `o-${round}` }
        const epoch = await one().sessions.epoch()
        const saves = Array.from({ length: 6 }, (_, n) =>
          codeOf(one().sessions.save(loginOf(n, user, { token: tokenOf(round * 10 + n), epoch }))),
        )
        // Some of the saves are through by then and some are not.
        await Promise.race([saves[round % 6], saves[0]])
        const ended = await another().sessions.endAll(user, endingAt(start + 100))
        const outcomes = await Promise.all(saves)
        expect(outcomes.filter((outcome) => outcome === 'resolved')).to.have.length(ended)
        expect(outcomes.filter((outcome) => outcome === 'invalid_session')).to.have.length(6 - ended)
        expect(await one().sessions.list(user, start + 100)).to.deep.equal([])
      }
    })
  })

  it('gives an answer that another process sealed under another secret to nobody', async () => {
    await one().loginAttempts.claim(attempt, claimAt(start))
    await one().sessions.save(loginOf(1, ann, { attempt }))
    const stranger = openNode(path(), { secret: 'other' })
    expect(await stranger.loginAttempts.claim(attempt, claimAt(start))).to.equal('taken')
    await stranger.close()
  })

  it('opens an answer nowhere but in its own row', async () => {
    const other = { ...attempt, code: 'another' }
    for (const [n, each] of [attempt, other].entries()) {
      await one().loginAttempts.claim(each, claimAt(start))
      await one().sessions.save(loginOf(n, ann, { attempt: each }))
    }
    const db = openConnection(path())
    db.exec('UPDATE login_attempts SET sealed_answer = (SELECT max(sealed_answer) FROM login_attempts)')
    db.close()
    const claims = await Promise.all(
      [attempt, other].map((each) => one().loginAttempts.claim(each, claimAt(start))),
    )
    expect(claims.filter((claim) => claim === 'taken')).to.have.length(1)
  })

  it('has no token, code, key, access_token or session_key in any byte of its files', async () => {
    const secrets = {
      token: randomBytes(64).toString('hex'),
      code: '0canaryCode1234567890canaryCode1',
      key: 'canary-Idempotency-Key',
      accessToken: 'canaryAccessToken_0123456789-abcdefghijklmnop',
      sessionKey: randomBytes(16).toString('base64'),
      resetKey: randomBytes(16).toString('base64'),
    }
    const { token, code, key, accessToken, sessionKey } = secrets
    const claimed = { appid: 'wx-one', code, key }
    const login = loginOf(1, ann, { token, sessionKey, attempt: claimed })
    await one().loginAttempts.claim(claimed, claimAt(start))
    await one().sessions.save(login)
    await one().keyRings.change(ann, (ring) => withResetKey(ring, secrets.resetKey, start))
    await one().tokens.claim('wx-one', start, start + 1)
    await one().tokens.write('wx-one', { accessToken, expiresAt: start + 1, refreshAt: start })
    expect(await another().loginAttempts.claim(claimed, claimAt(start))).to.have.nested.property(
      'answer.r3session',
      token,
    )
    expect(await another().tokens.read('wx-one')).to.include({ accessToken })
    expectNowhere()
    await Promise.all([one().close(), another().close()])
    expectNowhere()

    function expectNowhere() {
      const files = readdirSync(folder()).map((name) => readFileSync(join(folder(), name)))
      expect(Buffer.concat(files).includes('o-ann')).to.equal(true)
      for (const [name, secret] of Object.entries(secrets)) {
        for (const form of formsOf(secret))
          for (const file of files)
            expect(file.includes(form), `${name} as ${form.length} bytes`).to.equal(false)
      }
    }
  })
})

/** A secret as text and as the bytes it may stand for, each as it is, in hex and in base64 at every alignment. */
function formsOf(secret: string): Buffer[] {
  const bytes = [Buffer.from(secret), Buffer.from(secret, 'hex'), Buffer.from(secret, 'base64')]
  return bytes
    .filter(({ length }) => length >= 12)
    .flatMap((form) => [
      form,
      ...(['hex', 'base64', 'base64url'] as const).flatMap((encoding) =>
        [0, 1, 2].map((offset) =>
          Buffer.from(
            Buffer.concat([Buffer.alloc(offset), form])
              .toString(encoding)
              .slice(4, -4),
          ),
        ),
      ),
      Buffer.from(form.toString('hex').toUpperCase()),
    ])
}
