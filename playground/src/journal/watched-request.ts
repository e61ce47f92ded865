import { isRecord } from '../page/values.js'
import type { Journal } from './journal.js'
import type { RecordOptions } from './recorder.js'
import { answerLabel, requestTopic } from './requests.js'
import type { Call, Options } from './watched-call.js'

/** The options of `wx.request`, as the client gives them. */
interface Sent {
  readonly url: string
  readonly method?: string
  readonly data?: unknown
  readonly header?: Readonly<Record<string, string>>
}

/** A call of the shop's, as its answer tells of it. */
interface ShopCall {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly status: number
  readonly answer?: unknown
}

/** The argument of `success` of `wx.request`. */
interface Received {
  readonly statusCode: number
  readonly header: Readonly<Record<string, string>>
  readonly data: unknown
}

/**
 * `wx.request`, recorded. It first records the service's calls to WeChat, then the service's answer, and then passes
 * the answer to the mini program. So the sequence diagram shows everything in the order in which it happened.
 */
export function watchedRequest(request: Call, { journal, place, clock, catchUp }: RecordOptions): Call {
  return (options = {}) => {
    const { url, method = 'GET', data, header = {} } = options as unknown as Sent
    const { pathname, search } = new URL(url)
    const topic = requestTopic(method, pathname)
    const about = topic === undefined ? {} : { topic }
    const to = /^\/sandbox\/(order|account)/.test(pathname) ? 'shop' : 'service'
    const sentAt = clock()
    const answered = journal.sent({
      from: place,
      method,
      path: pathname + search,
      header,
      ...(data === undefined ? {} : { body: data }),
    })
    journal.step({
      from: place,
      to,
      tone: 'call',
      label: `${method} ${pathname}`,
      ...about,
      detail: { header, data },
    })
    const back = { from: to, to: place } as const

    const succeed = async (received: Received) => {
      const milliseconds = clock() - sentAt
      const { statusCode: status, header, data: body } = received
      if (isRecord(body) && Array.isArray(body['asked']))
        for (const one of body['asked']) recordShop(one, journal)
      await catchUp()
      answered({ answer: { status, milliseconds, header, body } })
      journal.step({ ...back, ...answerLabel(status, header, body, topic) })
      passOn(options, 'success', received)
    }
    const fail = async (failure: { readonly errMsg: string }) => {
      await catchUp()
      const { errMsg } = failure
      answered({ failure: errMsg })
      journal.step({ ...back, tone: 'failure', label: errMsg, topic: 'lost', detail: failure })
      passOn(options, 'fail', failure)
    }

    const { complete, ...rest } = options
    return request({
      ...rest,
      success: (received) => void succeed(received),
      fail: (failure) => void fail(failure),
    })
  }
}

/** What the shop says that it has asked the service meanwhile. */
function recordShop(asked: ShopCall, journal: Journal): void {
  const { method, path, body, status, answer } = asked
  const sent = body === undefined ? {} : { body }
  const answered = journal.sent({
    from: 'shop',
    method,
    path,
    header: { Authorization: 'Bearer <a key of SERVICE_KEYS>' },
    ...sent,
  })
  answered({ answer: { status, milliseconds: 0, header: {}, body: answer ?? '' } })
  const topic = requestTopic(method, path)
  const way = { from: 'shop', to: 'service' } as const
  journal.step({ ...way, tone: 'call', label: `${method} ${path}`, ...(topic && { topic }), detail: sent })
  journal.step({ from: 'service', to: 'shop', ...answerLabel(status, {}, answer, topic) })
}

function passOn(options: Options, kind: 'success' | 'fail', answer: unknown): void {
  try {
    options[kind]?.(answer as never)
  } finally {
    options.complete?.(answer as never)
  }
}
