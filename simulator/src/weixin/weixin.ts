import { createDeadline } from '../calls/deadline.js'
import { NOT_REACHED, reasonOf, WxFailure } from '../calls/failure.js'

/** Calls the sandbox, which plays WeChat's servers, for one user in one mini program. */
export function createWeixin(options: { weixin: string; appid: string; user: string }) {
  const base = options.weixin.replace(/\/+$/, '')
  const who = { user: options.user, appid: options.appid }

  return {
    /**
     * The answer to an action of the phone, such as `login`. Rejects with a WxFailure if WeChat can't be reached,
     * refuses, gives an invalid answer, or takes longer than `timeout` milliseconds.
     */
    async ask(action: string, body: object = {}, timeout?: number): Promise<object> {
      const deadline = createDeadline()
      deadline.start(timeout)
      try {
        const response = await fetch(`${base}/sandbox/${action}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ ...who, ...body }),
          signal: deadline.signal,
        })
        const text = await response.text()
        if (!response.ok) throw new WxFailure(`WeChat's side answered ${response.status}: ${text}`)
        return objectIn(text)
      } catch (error) {
        if (deadline.signal.aborted) throw deadline.signal.reason
        if (error instanceof WxFailure) throw error
        throw new WxFailure(`WeChat's side can't be reached at ${base}: ${reasonOf(error)}`, NOT_REACHED)
      } finally {
        deadline.stop()
      }
    },
  }
}

export type Weixin = ReturnType<typeof createWeixin>

function objectIn(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Not JSON; the error below says so.
  }
  throw new WxFailure(`WeChat's side answered no JSON object: ${text}`)
}
