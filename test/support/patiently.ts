import { setTimeout as pause } from 'node:timers/promises'

/** Asks again while the answer is 503: a machine may be too slow for what the service gives Redis, a disk or itself. */
export async function patiently<Answer extends { readonly status: number }>(
  ask: () => Promise<Answer>,
): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const answer = await ask()
    if (answer.status !== 503 || tries === 50) return answer
    await pause(20)
  }
}
