import { NOT_REACHED, reasonOf, WxFailure } from '../calls/failure.js'

/** What Node says of a connection, as the phone's network library names and numbers it (Chromium's net errors). */
const netErrors: Readonly<Record<string, readonly [number, string]>> = {
  ECONNREFUSED: [-102, 'CONNECTION_REFUSED'],
  ECONNRESET: [-101, 'CONNECTION_RESET'],
  UND_ERR_SOCKET: [-101, 'CONNECTION_RESET'],
  ENOTFOUND: [-105, 'NAME_NOT_RESOLVED'],
  EAI_AGAIN: [-105, 'NAME_NOT_RESOLVED'],
  ETIMEDOUT: [-118, 'CONNECTION_TIMED_OUT'],
  UND_ERR_CONNECT_TIMEOUT: [-118, 'CONNECTION_TIMED_OUT'],
  DEPTH_ZERO_SELF_SIGNED_CERT: [-202, 'CERT_AUTHORITY_INVALID'],
  SELF_SIGNED_CERT_IN_CHAIN: [-202, 'CERT_AUTHORITY_INVALID'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [-202, 'CERT_AUTHORITY_INVALID'],
}

/** Browsers don't tell why a fetch failed. */
const UNKNOWN = [-2, 'FAILED'] as const

/** A failure of transport: nothing, or no whole answer, came. */
export function networkFailure(error: unknown): WxFailure {
  const [number, name] = netErrors[codeOf(error)] ?? UNKNOWN
  return new WxFailure(
    `errcode:${number} cronet_error_code:${number} error_msg:net::ERR_${name}`,
    NOT_REACHED,
  )
}

/** Node's fetch fails with a TypeError whose cause has the code. */
function codeOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : {}
  // Fetch keeps off the ports of other protocols, port 1 among them; on a phone nobody listens there.
  if (cause instanceof Error && cause.message === 'bad port') return 'ECONNREFUSED'
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : reasonOf(error)
}
