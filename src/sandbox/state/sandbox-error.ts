/** The sandbox was asked for something it can't do; the message names the mistake and the cure. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError'
}

/** A JSON object: neither null nor an array nor a scalar. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
