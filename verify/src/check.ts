/** Refuses options with a sentence for whoever wrote them. No value is quoted: it may be a secret. */
export function refuseOptions(what: string): never {
  throw new TypeError(`createVerifier: ${what}`)
}

export function checkUrl(url: unknown): void {
  const isPlain = typeof url === 'string' && /^https?:\/\/[^?#@\s]+$/i.test(url) && URL.canParse(url)
  if (!isPlain) refuseOptions('url must be like http://r3session:3000')
}

/** As r3session checks its service keys: what is shorter can be guessed, and nothing else fits into a header. */
export function checkSecret(name: string, secret: unknown): void {
  if (typeof secret !== 'string' || !/^[\x21-\x7e]{32,}$/.test(secret))
    refuseOptions(`${name} must be at least 32 visible ASCII characters`)
}

export function checkNumber(name: string, value: unknown, least: number): void {
  // 2^31 ms is what a timer can count.
  if (typeof value !== 'number' || !(value >= least && value < 2 ** 31))
    refuseOptions(`${name} must be a number of at least ${least}`)
}
