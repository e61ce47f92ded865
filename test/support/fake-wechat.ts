import { type ErrorCode, R3SessionError } from '#src/domain/errors.js'
import type { WechatGateway, WechatIdentity } from '#src/domain/ports.js'

/**
 * A WeChat in memory. `when(code, ...)` says what a login code leads to, an identity or an error; any other code is
 * `code_invalid`. As at the real one, a code that gave an identity is `code_used` from then on.
 */
export function createFakeWechat() {
  const outcomes = new Map<string, WechatIdentity | ErrorCode>()
  const calls: { appid: string; code: string }[] = []

  return {
    /** Every exchange asked for so far, oldest first. */
    calls,

    when(code: string, outcome: WechatIdentity | ErrorCode): void {
      outcomes.set(code, outcome)
    },

    async exchangeCode(appid: string, code: string): Promise<WechatIdentity> {
      calls.push({ appid, code })
      const outcome = outcomes.get(code) ?? 'code_invalid'
      if (typeof outcome === 'string') throw new R3SessionError(outcome)
      outcomes.set(code, 'code_used')
      return outcome
    },
  } satisfies WechatGateway & Record<string, unknown>
}

export type FakeWechat = ReturnType<typeof createFakeWechat>
