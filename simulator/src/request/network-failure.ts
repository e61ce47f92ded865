import { NOT_REACHED, reasonOf, WxFailure } from '../calls/failure.js'

/**
 * Node's error codes, and the numbers and names that the phone's network library uses for them (Chromium's net errors).
 */
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

/** For browsers, which do not tell why a fetch failed. */
const UNKNOWN = [-2, 'FAILED'] as const

/** The failure of a request that got no answer, or only part of one. */
export function networkFailure(error: unknown): WxFailure {
  const [number, name] = netErrors[codeOf(error)] ?? UNKNOWN
  return new WxFailure(
    `errcode:${number} cronet_error_code:${number} error_msg:net::ERR_${name}`,
    NOT_REACHED,
  )
}

/** The error code. Node's fetch rejects with a TypeError whose cause has it. */
function codeOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : {}
  // Fetch refuses ports of other protocols, such as port 1. On a phone the connection is refused, as nobody listens.
  if (cause instanceof Error && cause.message === 'bad port') return 'ECONNREFUSED'
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : reasonOf(error)
}
