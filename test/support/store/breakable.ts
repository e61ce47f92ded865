import { R3SessionError } from '#src/domain/errors.js'

/** What a port does, done at once: so no other call can come between. */
export type StepsOf<Port extends Record<keyof Port, (...args: never[]) => Promise<unknown>>> = {
  [Name in keyof Port]: (...args: Parameters<Port[Name]>) => Awaited<ReturnType<Port[Name]>>
}

type Step = (...args: never[]) => unknown

/** The steps as methods that give promises; after `breakDown()` every one fails with `storage_unavailable`. */
export function breakable<Steps extends Record<keyof Steps, Step>>(steps: Steps) {
  let broken = false
  const methods = Object.entries<Step>(steps).map(([name, step]) => [
    name,
    async (...args: never[]) => {
      if (broken) throw new R3SessionError('storage_unavailable', { cause: new Error('BROKEN_DOWN') })
      return step(...args)
    },
  ])
  const breakDown = () => {
    broken = true
  }
  return { ...Object.fromEntries(methods), breakDown } as {
    [Name in keyof Steps]: (...args: Parameters<Steps[Name]>) => Promise<Awaited<ReturnType<Steps[Name]>>>
  } & { breakDown(): void }
}
