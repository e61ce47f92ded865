import { readFileSync } from 'node:fs'

/** How many transactions the WAL of a database holds that were committed since it was last begun anew. */
export function commitsIn(path: string): number {
  const wal = readFileSync(`${path}-wal`)
  if (wal.length === 0) return 0
  const frame = 24 + wal.readUInt32BE(8)
  let commits = 0
  for (let at = 32; at + frame <= wal.length; at += frame) {
    // Frames of an earlier round have other salts. The last frame of a transaction says how large the database is.
    if (wal.compare(wal, 16, 24, at + 8, at + 16) !== 0) break
    if (wal.readUInt32BE(at + 4) !== 0) commits++
  }
  return commits
}
