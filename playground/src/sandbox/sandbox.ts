/**
 * The page's own calls of the sandbox, not those of the mini program: to inspect the server side and to cause faults.
 */
import type { Exchange, Journal } from '../journal/journal.js'
import { isRecord } from '../page/values.js'

/** A call of the service that reached WeChat. */
interface WeixinCall {
  readonly number: number
  /** ISO 8601, like all times here. */
  readonly at: string
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly body?: unknown
  /** WeChat's errcode, 0 for success; missing if there was no answer. */
  readonly errcode?: number
}

interface SessionRecord {
  readonly id: string
  readonly createdAt: string
  readonly lastSeenAt: string
  readonly expiresAt: string
}

/** What the service has stored for the user of a token. */
export interface ServerView {
  readonly session:
    | (SessionRecord & { readonly appid: string; readonly openid: string; readonly unionid?: string })
    | null
  readonly sessions: readonly SessionRecord[]
  /** The user's session_keys, newest first, each as a fingerprint of 8 hex digits. */
  readonly ring: readonly {
    readonly fingerprint: string
    readonly at: string
    readonly replacedAt?: string
  }[]
  /** The fingerprint of the key that WeChat accepts now. */
  readonly weixinKey: string | null
}

/** The fields of WeChat's successful answers, by path. */
const answers: Readonly<Record<string, string>> = {
  '/sns/jscode2session': 'openid, session_key',
  '/cgi-bin/stable_token': 'access_token',
  '/wxa/business/getuserphonenumber': 'phone_info',
  '/xpay/query_order': 'order',
}

const topicOf = {
  '/sns/jscode2session': 'exchange',
  '/cgi-bin/stable_token': 'accessToken',
  '/wxa/business/getuserphonenumber': 'getPhoneNumber',
  '/xpay/query_order': 'queryOrder',
  '/xpay/notify_provide_goods': 'provideGoods',
} as const

/** The timeout of requests that only show something. */
const soon = () => AbortSignal.timeout(3000)

/** The sandbox of the service that serves this page. Calls that reach WeChat are added to the journal. */
export function createSandbox(journal: Journal) {
  let lastCall: Pick<WeixinCall, 'number' | 'at'> | undefined
  const fetchCalls = async (after: number): Promise<readonly WeixinCall[]> => {
    const answer = await fetch(`/sandbox/calls?after=${after}`, { signal: soon() })
    return answer.ok ? ((await answer.json()) as { calls: WeixinCall[] }).calls : []
  }

  /**
   * The calls since the last known one. Requests the last known one, too: if it is missing, the service was restarted.
   */
  const fetchNewCalls = async (): Promise<readonly WeixinCall[]> => {
    if (lastCall === undefined) return fetchCalls(0)
    const [first, ...news] = await fetchCalls(lastCall.number - 1)
    return first?.number === lastCall.number && first.at === lastCall.at ? news : fetchCalls(0)
  }

  /** Others may use the same sandbox. If no phone of this page has sent the code or order, the call is theirs. */
  const isOurs = ({ query, body }: WeixinCall): boolean => {
    const fields = isRecord(body) ? body : {}
    const code = query['js_code'] ?? fields['code'] ?? fields['order_id']
    const sent = ({ body, answer }: Exchange) =>
      (isRecord(body) && body['code'] === code) ||
      (isRecord(answer?.body) && answer.body['outTradeNo'] === code)
    return code === undefined || journal.exchanges.some(sent)
  }

  const record = (call: WeixinCall): void => {
    lastCall = call
    if (!isOurs(call)) return
    const { method, path, query, body, errcode } = call
    const asker = path.startsWith('/xpay/') ? 'shop' : 'service'
    const topic = topicOf[path as keyof typeof topicOf]
    const about = topic === undefined ? {} : { topic }
    journal.step({
      from: asker,
      to: 'weixin',
      tone: 'call',
      label: `${method} ${path}`,
      ...about,
      detail: { query, body },
    })
    const back = { from: 'weixin', to: asker, ...about, detail: { errcode } } as const
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

  // Earlier calls belong to other pages, or to this page before a reload.
  let queue: Promise<void> = fetchCalls(0).then(
    (calls) => {
      lastCall = calls.at(-1)
    },
    () => {},
  )

  return {
    /** Adds the calls since the last time, one caller after the other. Never rejects. */
    catchUp(): Promise<void> {
      queue = queue
        .then(async () => {
          for (const call of await fetchNewCalls()) record(call)
        })
        // The service does not answer. The request that is being recorded already shows this.
        .catch(() => {})
      return queue
    },

    /** What the service has stored; `undefined` if it does not answer, or another server does. */
    async view(token: string): Promise<ServerView | undefined> {
      const headers = { authorization: `Bearer ${token}` }
      try {
        const answer = await fetch('/sandbox/session', { headers, signal: soon() })
        return answer.ok ? ((await answer.json()) as ServerView) : undefined
      } catch {
        return undefined
      }
    },

    /** Makes WeChat answer the next code exchanges with this errcode. */
    failLogins: (errcode: number, times: number) =>
      post('/sandbox/fail', { errcode, times, path: '/sns/jscode2session' }),
    rotateKey: (user: string) => post('/sandbox/rotate-key', { user }),
    recover: () => post('/sandbox/recover'),

    /** Ends a session without the client's knowledge. */
    async endSession(token: string): Promise<void> {
      await fetch('/v1/session', { method: 'DELETE', headers: { authorization: `Bearer ${token}` } })
    },
  }
}

export type Sandbox = ReturnType<typeof createSandbox>
