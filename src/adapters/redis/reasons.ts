/** Why Redis can't be used, in a few words of ours: what it and TLS say may quote arguments, keys, a password. */
import { R3SessionError } from '../../domain/errors.js'
import { UnfitError } from './fitness.js'

/** What Redis means by the first words of its refusals. */
const refusals: Readonly<Record<string, string>> = {
  WRONGPASS: 'user name and password do not fit',
  NOAUTH: 'it wants a password',
  NOPERM: 'its ACL forbids this user a command or a key',
  LOADING: 'it is still loading its data',
  READONLY: 'it is a replica, which takes no writes',
  OOM: 'its memory is full',
  MISCONF: 'it can not write to its disk',
  BUSY: 'a slow script keeps it busy',
  CLUSTERDOWN: 'the cluster is down',
  MASTERDOWN: 'it has lost its master',
  NOREPLICAS: 'it has too few replicas',
}

/** What TLS means by its codes. */
const certificates: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  ...Object.fromEntries(
    [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ].map((code) => [
      code,
      'its certificate is of an authority that is not trusted: see NODE_EXTRA_CA_CERTS',
    ]),
  ),
  ERR_SSL_WRONG_VERSION_NUMBER: 'it speaks no TLS',
  EPROTO: 'it speaks no TLS that we speak',
}

/** An error of ioredis or Redis without what it may quote: arguments, keys, a password. */
export function reasonOf(error: unknown): string {
  if (error instanceof UnfitError) return error.message
  if (error instanceof R3SessionError && error.cause instanceof Error) {
    return error.cause.message.replace(/^Redis: /, '')
  }
  if (!(error instanceof Error)) return 'failed'
  const { message } = error
  const code = 'code' in error ? String(error.code) : undefined
  if (code !== undefined && /^[A-Z][A-Z0-9_]+$/.test(code)) return certificates[code] ?? code
  if (/^Socket timeout/.test(message)) return 'no answer in time'
  if (/^Connection is closed|isn't writeable|isn't ready|all slots|ClusterAllFailed/i.test(message))
    return 'no connection'
  const word = /^[A-Z]{3,}(?= )/.exec(message)?.[0] ?? error.name
  return refusals[word] ?? word
}
