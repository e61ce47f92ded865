/** The rival that is 1. */
export const BASE = 'bare-koa'

/** Above 1 is faster than bare Koa: by requests a second, and by CPU time a request. */
export function ratiosOf(result, base) {
  if (result?.rate === undefined || base?.rate === undefined) return undefined
  return { rate: result.rate / base.rate, cpu: base.cpu / result.cpu }
}
