/** Frames of a stack that a log line keeps; further ones are Koa's and Node's. */
const FRAMES = 8

/**
 * A defect as the log may show it: its kind and the places in the code. Never its message, which may quote what the
 * code choked on (JSON.parse does).
 */
export function defectOf(error: Error): { kind: string; at: string[] } {
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return { kind: error.name, at: places.slice(0, FRAMES).map((line) => line.trim()) }
}
