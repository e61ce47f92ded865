/** Where a request comes from, behind proxies too. */
import type { IncomingMessage } from 'node:http'
import { type BlockList, isIP, isIPv6 } from 'node:net'

/** Whose `X-Forwarded-*` headers are believed: the setting TRUST_PROXY. */
export type TrustedProxies = Pick<BlockList, 'check'>

/**
 * The address of the client: that of the connection, or where a trusted proxy holds it the rightmost address in
 * `X-Forwarded-For` that is no trusted proxy's. Each proxy writes whom it sees at the right end, so what lies left of
 * the first stranger may be made up by them. An entry that is no address, with or without a port, ends the walk at the
 * last good one.
 */
export function clientAddress(
  {
    socket,
    headers,
  }: Pick<IncomingMessage, 'headers'> & { readonly socket: { remoteAddress?: string | undefined } },
  trusted: TrustedProxies,
): string {
  let client = plainAddress(socket.remoteAddress ?? '') ?? 'unknown'
  const hops = String(headers['x-forwarded-for'] ?? '').split(',')
  while (isTrusted(client, trusted) && hops.length > 0) {
    const next = plainAddress(withoutPort(hops.pop()?.trim() ?? ''))
    if (next === undefined) break
    client = next
  }
  return client
}

/** Whether the connection itself comes from a trusted proxy. */
export function comesByProxy(
  { socket }: { readonly socket: { remoteAddress?: string | undefined } },
  trusted: TrustedProxies,
): boolean {
  return isTrusted(plainAddress(socket.remoteAddress ?? '') ?? '', trusted)
}

function isTrusted(address: string, trusted: TrustedProxies): boolean {
  return isIP(address) !== 0 && trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

/** Some proxies add the port that they saw, Azure's for one; IPv6 is in brackets then, and may be without a port too. */
function withoutPort(hop: string): string {
  const inBrackets = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(hop)?.[1]
  if (inBrackets !== undefined) return isIPv6(inBrackets) ? inBrackets : hop
  return hop.replace(/^([\d.]+):\d{1,5}$/, '$1')
}

/**
 * An address in one spelling, so that the same client is always called the same: without a zone, an IPv4 address that
 * came through an IPv6 socket (`::ffff:192.0.2.1`) as itself, IPv6 as browsers shorten it. `undefined` for what is none.
 */
function plainAddress(text: string): string | undefined {
  const address = text.replace(/%.*$/, '')
  if (!isIPv6(address)) return isIP(address) === 0 ? undefined : address
  const { hostname } = new URL(`http://[${address}]`)
  const mapped = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(hostname)
  if (mapped === null) return hostname.slice(1, -1)
  const [high = 0, low = 0] = mapped.slice(1).map((part) => Number.parseInt(part, 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
