/** The listeners of one event, as `on…` and `off…` take them. */
export function createListeners<E>() {
  const listeners = new Set<(event: E) => void>()
  return {
    on: (listener: (event: E) => void): void => void listeners.add(listener),
    off(listener?: (event: E) => void): void {
      if (listener === undefined) listeners.clear()
      else listeners.delete(listener)
    },
    /** An error that a listener throws stays an uncaught error and does not disturb the others. */
    tell(event: E): void {
      for (const listener of listeners) queueMicrotask(() => listener(event))
    },
  }
}
