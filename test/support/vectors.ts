import { readFileSync } from 'node:fs'

/** Sealed data of WeChat's, of peers and made up; `expected` is null where a strict service refuses. */
interface SealedVector {
  readonly kind: 'decrypt'
  readonly name: string
  readonly appId: string
  readonly sessionKey: string
  readonly encryptedData: string
  readonly iv: string
  readonly expected: Readonly<Record<string, unknown>> | null
  readonly outcome: string
}

interface SignedVector {
  readonly kind: 'sha1'
  readonly name: string
  readonly sessionKey: string
  readonly rawData: string
  readonly expected: string
}

interface HmacVector {
  readonly kind: 'hmac_sha256'
  readonly name: string
  readonly sessionKey: string
  readonly message: string
  readonly expected: string
}

const vectors: readonly (SealedVector | SignedVector | HmacVector)[] = JSON.parse(
  readFileSync(new URL('../../test/fixtures/vectors.json', import.meta.url), 'utf8'),
)
export const sealedVectors = vectors.filter((vector) => vector.kind === 'decrypt')
export const signedVectors = vectors.filter((vector) => vector.kind === 'sha1')
export const hmacVectors = vectors.filter((vector) => vector.kind === 'hmac_sha256')
