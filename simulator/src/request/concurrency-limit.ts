/** Lets so many run at once; the rest wait, first come, first served. */
export function createConcurrencyLimit(maximum: number) {
  const waiting: (() => void)[] = []
  let running = 0

  const release = (): void => {
    running -= 1
    waiting.shift()?.()
  }

  return {
    /** Resolves when it is one's turn, to the function that ends it; rejects with the signal's reason when that aborts first. */
    enter(signal: AbortSignal): Promise<() => void> {
      return new Promise((resolve, reject) => {
        const begin = (): void => {
          running += 1
          signal.removeEventListener('abort', giveUp)
          resolve(release)
        }
        const giveUp = (): void => {
          waiting.splice(waiting.indexOf(begin), 1)
          reject(signal.reason)
        }
        if (running < maximum) return begin()
        waiting.push(begin)
        signal.addEventListener('abort', giveUp, { once: true })
      })
    },
  }
}
