import type { Place } from '../journal/journal.js'

/**
 * Does one thing at a time. What is asked for meanwhile is passed over, as a phone passes over taps while it waits.
 */
export function oneAtATime(page: {
  readonly setBusy: (isBusy: boolean) => void
  readonly failed: (error: unknown, place: Place) => void
  /** Runs after each piece of work, however it ended. */
  readonly afterwards: () => Promise<void>
}) {
  let isBusy = false

  return async (work: () => Promise<void>, place: Place = 'phone'): Promise<void> => {
    if (isBusy) return
    isBusy = true
    page.setBusy(true)
    try {
      await work()
    } catch (error) {
      page.failed(error, place)
    } finally {
      // Whatever goes wrong, the buttons work again.
      await page.afterwards().finally(() => {
        isBusy = false
        page.setBusy(false)
      })
    }
  }
}
