import type { Place } from '../journal/journal.js'

/** Runs one piece of work at a time. Ignores other work meanwhile, like a phone that ignores taps while it is busy. */
export function oneAtATime(page: {
  readonly setBusy: (isBusy: boolean) => void
  readonly failed: (error: unknown, place: Place) => void
  /** Runs after each piece of work, whether it succeeded or failed. */
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
      // The buttons must work again, even after a failure.
      await page.afterwards().finally(() => {
        isBusy = false
        page.setBusy(false)
      })
    }
  }
}
