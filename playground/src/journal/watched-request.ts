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
      to: 'service',
      tone: 'call',
      label: `${method} ${pathname}`,
      ...about,
      detail: { header, data },
    })
    const back = { from: 'service', to: place } as const

    const succeed = async (received: Received) => {
      const milliseconds = clock() - sentAt
      await catchUp()
      const { statusCode: status, header, data: body } = received
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

function passOn(options: Options, kind: 'success' | 'fail', answer: unknown): void {
  try {
    options[kind]?.(answer as never)
  } finally {
    options.complete?.(answer as never)
  }
}
