/** Why a call failed: what comes after `fail ` in its `errMsg`, and the number that newer libraries add. */
export class WxFailure extends Error {
  override readonly name = 'WxFailure'
  readonly errno: number | undefined

  constructor(reason: string, errno?: number) {
    super(reason)
    this.errno = errno
  }
}

/** `errno` of a call that took too long. */
export const TIMED_OUT = 5

/** `errno` of a call that did not get through. */
export const NOT_REACHED = 600001

/** What the library says of an argument of the wrong type. */
export function wrongParameter(name: string, wanted: string, value: unknown): WxFailure {
  return new WxFailure(`parameter error: ${name} should be ${wanted} instead of ${typeTag(value)};`)
}

/** `String`, `Null`, `Date` ...: the type as the library tells types apart, and as the Storage panel shows it. */
export function typeTag(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}

/** The reason to give for anything that was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
