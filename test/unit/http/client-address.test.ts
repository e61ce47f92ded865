import { BlockList } from 'node:net'
import { expect } from 'chai'
import { clientAddress, comesByProxy } from '#src/app/http/client-address.js'

const trusted = new BlockList()
trusted.addSubnet('10.0.0.0', 8, 'ipv4')
trusted.addAddress('127.0.0.1', 'ipv4')
trusted.addSubnet('fd00::', 8, 'ipv6')

/** The address of a client whose connection comes from `remoteAddress`. */
function addressOf(remoteAddress: string | undefined, forwarded?: string, list = trusted): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  return clientAddress({ socket: { remoteAddress }, headers }, list)
}

describe('the address of a client', () => {
  it('is that of the connection where no proxy is trusted, whatever the header says', () => {
    expect(addressOf('203.0.113.7')).to.equal('203.0.113.7')
    expect(addressOf('203.0.113.7', '198.51.100.1')).to.equal('203.0.113.7')
    expect(addressOf('10.0.0.1', '198.51.100.1', new BlockList())).to.equal('10.0.0.1')
  })

  it('is what a trusted proxy saw, and behind several the rightmost that is none of them', () => {
    expect(addressOf('10.0.0.1', '198.51.100.1')).to.equal('198.51.100.1')
    expect(addressOf('10.0.0.1', '198.51.100.1, 10.0.0.3,10.0.0.2')).to.equal('198.51.100.1')
    expect(addressOf('fd00::1', '2001:db8::7')).to.equal('2001:db8::7')
    expect(addressOf('10.0.0.1')).to.equal('10.0.0.1')
  })

  it('is not what a client writes into the header before the proxies do', () => {
    expect(addressOf('10.0.0.1', '1.1.1.1, 198.51.100.1')).to.equal('198.51.100.1')
    expect(addressOf('10.0.0.1', '127.0.0.1, 10.0.0.9, 198.51.100.1')).to.equal('198.51.100.1')
    expect(addressOf('198.51.100.1', '10.0.0.1, 1.1.1.1')).to.equal('198.51.100.1')
  })

  it('is the farthest one where all of them are trusted', () => {
    expect(addressOf('127.0.0.1', '10.1.2.3, 10.0.0.1')).to.equal('10.1.2.3')
  })

  it('is the last good one where an entry is no address', () => {
    for (const garbage of [
      'unknown',
      '',
      ' ',
      '_hidden',
      '1.2.3',
      '1.2.3.4.5',
      '300.1.1.1',
      '1.1.1.1:',
      '1.1.1.1:http',
      '1.1.1.1:123456',
      '1.1.1.1:80:80',
      '[1.1.1.1]:80',
      '[::1]80',
      '[::1',
      '[]:80',
      '[unknown]:80',
      ':80',
    ]) {
      expect(addressOf('10.0.0.1', `1.1.1.1, ${garbage}, 10.0.0.2`), garbage).to.equal('10.0.0.2')
      expect(addressOf('10.0.0.1', `1.1.1.1, ${garbage}`), garbage).to.equal('10.0.0.1')
    }
    expect(addressOf('10.0.0.1', 'x'.repeat(70_000))).to.equal('10.0.0.1')
    expect(addressOf('10.0.0.1', ','.repeat(70_000))).to.equal('10.0.0.1')
    expect(addressOf('10.0.0.1', `[${':'.repeat(70_000)}`)).to.equal('10.0.0.1')
  })

  it('is taken without the port that some proxies add', () => {
    expect(addressOf('10.0.0.1', '198.51.100.1:5678')).to.equal('198.51.100.1')
    expect(addressOf('10.0.0.1', '1.1.1.1:1, 198.51.100.1:65535, 10.0.0.3:80')).to.equal('198.51.100.1')
    expect(addressOf('10.0.0.1', '[2001:DB8::7]:443')).to.equal('2001:db8::7')
    expect(addressOf('10.0.0.1', '[2001:db8::7]')).to.equal('2001:db8::7')
    expect(addressOf('10.0.0.1', '[::ffff:198.51.100.1]:80')).to.equal('198.51.100.1')
    expect(addressOf('10.0.0.1', '[fe80::1%eth0]:80')).to.equal('fe80::1')
    // Its last part is a part of the address: without brackets there is no port.
    expect(addressOf('10.0.0.1', '2001:db8::7:80')).to.equal('2001:db8::7:80')
  })

  it('has one spelling: an IPv4 address as itself, IPv6 shortened, no zone', () => {
    expect(addressOf('::ffff:203.0.113.7')).to.equal('203.0.113.7')
    expect(addressOf('::FFFF:cb00:7107')).to.equal('203.0.113.7')
    expect(addressOf('::ffff:10.0.0.1', '::ffff:198.51.100.1')).to.equal('198.51.100.1')
    expect(addressOf('::ffff:10.0.0.1', '198.51.100.1, ::ffff:a00:2')).to.equal('198.51.100.1')
    expect(addressOf('2001:DB8:0:0::0007')).to.equal('2001:db8::7')
    expect(addressOf('fe80::1%eth0')).to.equal('fe80::1')
  })

  it('is unknown where the connection has gone', () => {
    expect(addressOf(undefined, '198.51.100.1')).to.equal('unknown')
  })
})

describe('a request through a proxy', () => {
  it('is one whose connection a trusted address holds', () => {
    const comes = (remoteAddress: string | undefined) => comesByProxy({ socket: { remoteAddress } }, trusted)
    expect([comes('10.0.0.1'), comes('::ffff:10.0.0.1'), comes('fd00::1')]).to.deep.equal([true, true, true])
    expect([comes('203.0.113.7'), comes(undefined), comes('')]).to.deep.equal([false, false, false])
  })
})
