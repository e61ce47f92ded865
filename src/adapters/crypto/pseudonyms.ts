import { createHmac, createSecretKey, hkdfSync } from 'node:crypto'

/**
 * Gives ids other names, the same for the same id everywhere that has the secret: HMAC-SHA-256, 32 hex digits of it. Who
 * has no secret can't even test whether a name is that of an id they know, as they could with a plain hash.
 *
 * @param secrets any texts with enough entropy; the first counts, so that names change when it does
 */
export function createPseudonyms(secrets: readonly string[]): (...id: readonly string[]) => string {
  const [secret] = secrets
  if (secret === undefined) throw new TypeError('pseudonyms need a secret')
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'r3session pseudonyms', 32)))
  return (...id) => createHmac('sha256', key).update(JSON.stringify(id)).digest('hex').slice(0, 32)
}
