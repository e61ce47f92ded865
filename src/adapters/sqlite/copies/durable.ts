import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Has a file or folder on the disk, not only on its way there. */
export function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
