/**
 * Which part of the short proofs is run, for a look at what one has changed; without `PROOFS_SHARE`, as in CI on one Node, all of it.
 */
export const share = Math.min(1, Math.max(0.01, Number(process.env['PROOFS_SHARE'] ?? 1)))
