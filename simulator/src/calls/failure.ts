/** Why a call failed: the text after `fail ` in its `errMsg`, and the numbers that some functions add. */
export class WxFailure extends Error {
  override readonly name = 'WxFailure'
  readonly errno: number | undefined
  readonly errCode: number | undefined

  constructor(reason: string, errno?: number, errCode?: number) {
    super(reason)
    this.errno = errno
    this.errCode = errCode
  }
}

/** `errno` of a call that took too long. */
export const TIMED_OUT = 5

/** `errno` of a call that could not reach the server. */
export const NOT_REACHED = 600001

/** WeChat's error for an argument of the wrong type. */
export function wrongParameter(name: string, wanted: string, value: unknown): WxFailure {
  return new WxFailure(`parameter error: ${name} should be ${wanted} instead of ${typeTag(value)};`)
}

/** `String`, `Null`, `Date` ...: the type as WeChat's library names it and the Storage panel shows it. */
export function typeTag(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}

/** The message of anything that was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
