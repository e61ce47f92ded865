import { BlockList, isIP, isIPv6 } from 'node:net'
import type { TrustedProxies } from '../http/client-address.js'

/**
 * Addresses that no client on the internet has. Shared address space (RFC 6598) is among them: load balancers of clouds
 * call from there.
 */
const nobodys = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  nobodys.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  nobodys.addSubnet(network, bits, 'ipv6')

/**
 * What clients are told apart by: an IPv4 address as it stands, of IPv6 the first 64 bits, since whoever has one address
 * has all of those. `undefined` for what is no address, is private, or is a trusted proxy's own: then nothing is known of
 * the client.
 *
 * @param address as `clientAddress` gives it
 */
export function networkOf(address: string, trusted: TrustedProxies): string | undefined {
  if (isIP(address) === 0) return undefined
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  if (nobodys.check(address, family) || trusted.check(address, family)) return undefined
  return family === 'ipv4' ? address : prefixOf(address)
}

/** Four groups of an address in the spelling of URLs, where `::` stands for groups of zeros. */
function prefixOf(address: string): string {
  const [left = [], right] = address.split('::').map((half) => (half === '' ? [] : half.split(':')))
  const missing = right === undefined ? [] : new Array(8 - left.length - right.length).fill('0')
  return [...left, ...missing, ...(right ?? [])].slice(0, 4).join(':')
}
