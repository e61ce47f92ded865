import { expect } from 'chai'
import { loadConfig } from '#src/app/config/config.js'
import { placeOf } from '#src/app/config/store.js'
import { settingsShown } from '#src/app/doctor/settings.js'

const SESSION_SECRET = '0123456789abcdef0123456789abcdef'
const load = (SESSION_STORE: string, more = {}) =>
  loadConfig({ SESSION_STORE, SESSION_SECRET, ...more }, () => '')
const addressIn = (text: string) => {
  const { store } = load(text)
  return store.kind === 'redis' ? store.address : undefined
}
const refusal = (text: string, more = {}) => {
  try {
    load(text, more)
  } catch (error) {
    return String(error)
  }
  throw new Error('it was taken')
}

describe('the address of a Redis', () => {
  it('is a host with a port, which is 6379 where none is named', () => {
    expect(addressIn('redis://cache')).to.deep.equal({
      hosts: [{ host: 'cache', port: 6379 }],
      isTls: false,
      database: 0,
      prefix: 'r3session:',
      timeout: 250,
      replicas: 0,
    })
    expect(addressIn('REDIS://[::1]:7000/3?replicas=2&prefix=shop.1:&timeout=1000')).to.deep.equal({
      hosts: [{ host: '::1', port: 7000 }],
      isTls: false,
      database: 3,
      prefix: 'shop.1:',
      timeout: 1000,
      replicas: 2,
    })
  })

  it('has user name and password escaped, both or one', () => {
    expect(addressIn('rediss://ann:p%40ss%3A@cache')).to.include({
      isTls: true,
      username: 'ann',
      password: 'p@ss:',
    })
    expect(addressIn('redis://:secret@cache'))
      .to.include({ password: 'secret' })
      .and.not.have.property('username')
  })

  it('is several hosts for a cluster, which has no numbered databases', () => {
    expect(addressIn('redis://a:1,b:2,[::1]')?.hosts).to.deep.equal([
      { host: 'a', port: 1 },
      { host: 'b', port: 2 },
      { host: '::1', port: 6379 },
    ])
    expect(refusal('redis://a,b/1')).to.match(/a cluster has only one/)
    expect(refusal('redis://a,b?replicas=1')).to.match(/min-replicas-to-write/)
  })

  it('is refused when it is anything else, without a word of what may be a password', () => {
    for (const broken of [
      'redis://',
      'redis://:canary@',
      'redis://canary@host:0',
      'redis://canary@host:65536',
      'redis://user:canary@a b',
      'redis://user:canary@host/x',
      'redis://user:canary@host?x=1',
      'redis://user:canary@host?prefix=',
      'redis://user:canary@host?prefix=a b',
      'redis://user:canary@host?prefix=a&prefix=canary',
      'redis://user:canary@host?toString=1',
      ...['timeout=49', 'timeout=10001', 'timeout=1e3', 'timeout=', 'replicas=10', 'replicas=-1'].map(
        (option) => `redis://user:canary@host?${option}`,
      ),
      'redis://user:canary%zz@host',
      'redis://host,,other?prefix=canary{',
    ]) {
      expect(refusal(broken), broken)
        .to.match(/SESSION_STORE/)
        .and.not.include('canary')
    }
  })

  it('is shown without user name and password', () => {
    const config = load('rediss://ann:canary@cache:1,[::1]:2')
    expect(placeOf(config.store)).to.equal('rediss://cache:1,[::1]:2')
    expect(JSON.stringify(settingsShown(config))).not.to.match(/canary|ann/)
  })

  it('wants a SESSION_SECRET, since nothing can be kept beside it', () => {
    expect(refusal('redis://cache', { SESSION_SECRET: undefined })).to.match(
      /SESSION_SECRET is missing: .* Redis/,
    )
  })
})
