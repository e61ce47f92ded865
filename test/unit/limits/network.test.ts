import { BlockList } from 'node:net'
import { expect } from 'chai'
import fc from 'fast-check'
import { clientAddress } from '#src/app/http/client-address.js'
import { networkOf } from '#src/app/limits/network.js'

const trusted = new BlockList()
trusted.addAddress('203.0.113.1', 'ipv4')
trusted.addSubnet('2001:db8:ffff::', 48, 'ipv6')

/** By what a client is counted whose connection comes from there. */
const countedAs = (remoteAddress: string, forwarded?: string) => {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  return networkOf(clientAddress({ socket: { remoteAddress }, headers }, trusted), trusted)
}

describe('what clients are told apart by', () => {
  it('is an IPv4 address, also where it came through an IPv6 socket', () => {
    expect(countedAs('198.51.100.7')).to.equal('198.51.100.7')
    expect(countedAs('::ffff:198.51.100.7')).to.equal('198.51.100.7')
    expect(countedAs('::ffff:c633:6407')).to.equal('198.51.100.7')
  })

  it('is the first half of an IPv6 address, however it is spelt', () => {
    for (const address of [
      '2001:db8:1:2::1',
      '2001:db8:1:2:ffff:ffff:ffff:ffff',
      '2001:0DB8:0001:0002:0:0:0:0',
      '2001:db8:1:2::',
      '2001:db8:1:2::192.0.2.1',
    ])
      expect(countedAs(address), address).to.equal('2001:db8:1:2')
    expect(countedAs('2001:db8:1:3::1')).to.equal('2001:db8:1:3')
    expect(countedAs('2001:db8::1')).to.equal('2001:db8:0:0')
    expect(countedAs('2001:db8:0:1::1')).to.equal('2001:db8:0:1')
    expect(countedAs('2001:0:0:7::1')).to.equal('2001:0:0:7')
    expect(countedAs('1:2:3:4:5:6:7:8')).to.equal('1:2:3:4')
    expect(countedAs('2001::5:6:7:8')).to.equal('2001:0:0:0')
  })

  it('is the same for two addresses exactly where their first 64 bits are', () => {
    const groups = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
      minLength: 7,
      maxLength: 7,
    })
    // 2a00::/16 is no trusted or private network.
    const text = (tail: number[]) => ['2a00', ...tail.map((group) => group.toString(16))].join(':')
    fc.assert(
      fc.property(groups, groups, fc.boolean(), (one, other, share) => {
        const second = share ? [...one.slice(0, 3), ...other.slice(3)] : other
        const isSame = one.slice(0, 3).join() === second.slice(0, 3).join()
        expect(countedAs(text(one)) === countedAs(text(second))).to.equal(isSame)
      }),
    )
  })

  it('is nothing where the address is private, or shared by a provider, or none', () => {
    for (const address of [
      '127.0.0.1',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.1.1',
      '100.64.0.1',
      '100.127.255.255',
      '0.0.0.0',
      '::1',
      '::',
      'fe80::1%eth0',
      'fd00::7',
      '::ffff:10.0.0.1',
      '',
      'unknown',
      '/run/r3session.sock',
    ])
      expect(countedAs(address), address).to.equal(undefined)
    for (const address of ['172.32.0.1', '100.128.0.1', '11.0.0.1', '192.169.0.1'])
      expect(countedAs(address), address).to.equal(address)
  })

  it('is what a trusted proxy saw, and nothing where it has said nothing that is an address', () => {
    expect(countedAs('203.0.113.1', '198.51.100.7')).to.equal('198.51.100.7')
    expect(countedAs('203.0.113.1', '198.51.100.7:80')).to.equal('198.51.100.7')
    expect(countedAs('203.0.113.1', '192.0.2.1, 198.51.100.7')).to.equal('198.51.100.7')
    expect(countedAs('2001:db8:ffff::1', '2001:db8:1:2::1')).to.equal('2001:db8:1:2')
    for (const garbage of ['', 'unknown', '198.51.100.7, nonsense', '198.51.100.7:http', ','.repeat(10_000)])
      expect(countedAs('203.0.113.1', garbage), garbage).to.equal(undefined)
    expect(countedAs('203.0.113.1')).to.equal(undefined)
  })
})
