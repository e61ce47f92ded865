/** Lets at most `maximum` tasks run at once. The others wait and start in the order in which they came. */
export function createConcurrencyLimit(maximum: number) {
  const waiting: (() => void)[] = []
  let running = 0

  const release = (): void => {
    running -= 1
    waiting.shift()?.()
  }

  return {
    /**
     * Resolves when the task may start, to a function to call when it ends. Rejects if the signal aborts before that.
     */
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
