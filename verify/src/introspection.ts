import { VerifyError } from './error.js'
import type { Caller, IntrospectionOptions } from './types.js'

/**
 * Asks r3session who a token stands for. An answer is believed for `cacheMaxAge` from the moment of the question, by
 * those who come later and by those who wait for it; so a session that has ended is believed for no longer than that.
 */
export function createIntrospection({
  url,
  key,
  cacheMaxAge,
  cacheSize,
  timeout,
  onUnavailable,
  clock,
}: Required<IntrospectionOptions>) {
  const target = `${url.replace(/\/+$/, '')}/v1/introspect`
  /** In the order of their answers, so that the first are about the oldest. */
  const known = new Map<string, { readonly caller: Caller; readonly askedAt: number }>()
  /** Apart from those, so that a flood of wrong tokens pushes none of them out. */
  const open = new Map<string, { readonly caller: Promise<Caller>; readonly askedAt: number }>()
  const isFresh = (one: { readonly askedAt: number } | undefined) =>
    one !== undefined && clock() - one.askedAt < cacheMaxAge

  function remember(token: string, caller: Caller, askedAt: number): void {
    known.delete(token)
    known.set(token, { caller, askedAt })
    for (const [oldest, one] of known) {
      if (known.size <= cacheSize && isFresh(one)) break
      known.delete(oldest)
    }
  }

  async function ask(token: string): Promise<Caller> {
    const body = JSON.stringify({ token })
    const request = { method: 'POST', body, redirect: 'error', signal: AbortSignal.timeout(timeout) } as const
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' }
    const send = () => fetch(target, { ...request, headers })
    // A kept connection may turn out to be dead. To ask again is harmless, and ends at the same deadline.
    const response = await send().catch(send)
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new Error(`it answers ${response.status}${hints[response.status] ?? ''}`)
    }
    return callerOf(await response.json().catch(() => undefined))
  }

  return async (token: string): Promise<Caller> => {
    const kept = known.get(token)
    if (kept && isFresh(kept)) return kept.caller
    const waiting = open.get(token)
    if (waiting && isFresh(waiting)) return waiting.caller

    const askedAt = clock()
    const caller = ask(token).catch((cause: unknown) => {
      if (cause instanceof VerifyError) throw cause
      const error = new VerifyError('overloaded', `can't ask r3session: ${reasonOf(cause)}`, { cause })
      onUnavailable(error)
      throw error
    })
    const question = { caller, askedAt }
    open.set(token, question)
    try {
      const answer = await caller
      remember(token, answer, askedAt)
      return answer
    } finally {
      if (open.get(token) === question) open.delete(token)
    }
  }
}

const hints: Readonly<Record<number, string>> = {
  401: ': the key is none of its SERVICE_KEYS',
  404: ': it has no SERVICE_KEYS, or the url is not its own',
  429: ': wrong keys came from this address too often',
}

/** What an answer says. Whatever is not clearly somebody is nobody, and whatever is not clearly that is a failure. */
function callerOf(answer: unknown): Caller {
  const { active, sub, client_id } = Object(answer) as Readonly<Record<string, unknown>>
  if (active === false) throw new VerifyError('invalid_session', 'the session is unknown or has ended')
  const isNamed = (value: unknown): value is string => typeof value === 'string' && value !== ''
  if (active !== true || !isNamed(sub) || !isNamed(client_id)) throw new Error('its answer makes no sense')
  return { openid: sub, appid: client_id }
}

/** fetch says `fetch failed`, and why in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? cause.message || String(Object(cause).code) : message
}
