/** What the page itself asks of the sandbox, apart from its mini program: the view behind the scenes, and mischief. */
import type { Exchange, Journal } from '../journal/journal.js'
import { isRecord } from '../page/values.js'

/** A call of the service that WeChat saw. */
interface WeixinCall {
  readonly number: number
  /** ISO 8601, as all times here. */
  readonly at: string
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly body?: unknown
  /** What WeChat answered, 0 for a success; absent where no answer came. */
  readonly errcode?: number
}

interface SessionRecord {
  readonly id: string
  readonly createdAt: string
  readonly lastSeenAt: string
  readonly expiresAt: string
}

/** What the service has on record for a token. */
export interface ServerView {
  readonly session:
    | (SessionRecord & { readonly appid: string; readonly openid: string; readonly unionid?: string })
    | null
  readonly sessions: readonly SessionRecord[]
  /** The user's session_keys, newest first; 8 hex digits stand for each. */
  readonly ring: readonly {
    readonly fingerprint: string
    readonly at: string
    readonly replacedAt?: string
  }[]
  /** The one WeChat honours now. */
  readonly weixinKey: string | null
}

/** What WeChat says on success, by path. */
const answers: Readonly<Record<string, string>> = {
  '/sns/jscode2session': 'openid, session_key',
  '/cgi-bin/stable_token': 'access_token',
  '/wxa/business/getuserphonenumber': 'phone_info',
}

const topicOf = {
  '/sns/jscode2session': 'exchange',
  '/cgi-bin/stable_token': 'accessToken',
  '/wxa/business/getuserphonenumber': 'getPhoneNumber',
} as const

/** What is only to be shown is not waited for longer than this. */
const soon = () => AbortSignal.timeout(3000)

/** The sandbox of the service that serves this page. What WeChat sees goes into the journal. */
export function createSandbox(journal: Journal) {
  let seen: Pick<WeixinCall, 'number' | 'at'> | undefined
  const fetchCalls = async (after: number): Promise<readonly WeixinCall[]> => {
    const answer = await fetch(`/sandbox/calls?after=${after}`, { signal: soon() })
    return answer.ok ? ((await answer.json()) as { calls: WeixinCall[] }).calls : []
  }

  /** Calls since the last one seen. That one is asked for, too: a service that was started anew does not know it. */
  const fetchNews = async (): Promise<readonly WeixinCall[]> => {
    if (seen === undefined) return fetchCalls(0)
    const [first, ...news] = await fetchCalls(seen.number - 1)
    return first?.number === seen.number && first.at === seen.at ? news : fetchCalls(0)
  }

  /** Others may use the same sandbox: a code that no phone of this page has sent is theirs. */
  const isOurs = ({ query, body }: WeixinCall): boolean => {
    const code = query['js_code'] ?? (isRecord(body) ? body['code'] : undefined)
    const sent = ({ body }: Exchange) => isRecord(body) && body['code'] === code
    return code === undefined || journal.exchanges.some(sent)
  }

  const enter = (call: WeixinCall): void => {
    seen = call
    if (!isOurs(call)) return
    const { method, path, query, body, errcode } = call
    const topic = topicOf[path as keyof typeof topicOf]
    const about = topic === undefined ? {} : { topic }
    journal.step({
      from: 'service',
      to: 'weixin',
      tone: 'call',
      label: `${method} ${path}`,
      ...about,
      detail: { query, body },
    })
    const back = { from: 'weixin', to: 'service', ...about, detail: { errcode } } as const
    if (errcode === 0) journal.step({ ...back, tone: 'answer', label: answers[path] ?? 'ok' })
    else journal.step({ ...back, tone: 'failure', label: errcode === undefined ? '…' : `errcode ${errcode}` })
  }

  const post = async (path: string, body: object = {}): Promise<void> => {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  }

  // What WeChat saw before is of other pages, or of this one before a reload.
  let queue: Promise<void> = fetchCalls(0).then(
    (calls) => {
      seen = calls.at(-1)
    },
    () => {},
  )

  return {
    /** Enters what WeChat saw since the last time, one caller after the other. Never rejects. */
    catchUp(): Promise<void> {
      queue = queue
        .then(async () => {
          for (const call of await fetchNews()) enter(call)
        })
        // The service is gone, and the request that is being entered says so already.
        .catch(() => {})
      return queue
    },

    /** What the service has on record; `undefined` when it does not answer, or nothing of ours. */
    async view(token: string): Promise<ServerView | undefined> {
      const headers = { authorization: `Bearer ${token}` }
      try {
        const answer = await fetch('/sandbox/session', { headers, signal: soon() })
        return answer.ok ? ((await answer.json()) as ServerView) : undefined
      } catch {
        return undefined
      }
    },

    /** The next code exchanges are answered with this errcode. */
    failLogins: (errcode: number, times: number) =>
      post('/sandbox/fail', { errcode, times, path: '/sns/jscode2session' }),
    rotateKey: (user: string) => post('/sandbox/rotate-key', { user }),
    recover: () => post('/sandbox/recover'),

    /** Ends a session behind the client's back. */
    async endSession(token: string): Promise<void> {
      await fetch('/v1/session', { method: 'DELETE', headers: { authorization: `Bearer ${token}` } })
    },
  }
}

export type Sandbox = ReturnType<typeof createSandbox>
