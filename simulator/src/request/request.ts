import { outcomeOf, report } from '../calls/api.js'
import { createDeadline } from '../calls/deadline.js'
import { createListeners } from '../calls/listeners.js'
import type {
  ChunkListener,
  HeadersListener,
  RequestOption,
  RequestResult,
  RequestTask,
  WxRequest,
} from '../types/wx-request.js'
import { bytesOf, dataOf, headOf } from './answer.js'
import { createConcurrencyLimit } from './concurrency-limit.js'
import { messageOf } from './message.js'
import { networkFailure } from './network-failure.js'

/** How many requests WeChat runs at the same time. */
export const MAX_CONCURRENT = 10

export interface RequestDeps {
  readonly appid: string
  /** The address that a request to this url is sent to. */
  route(url: string): string
}

/** `wx.request`, on fetch. */
export function createRequest({ appid, route }: RequestDeps): WxRequest {
  const limit = createConcurrencyLimit(MAX_CONCURRENT)
  const referer = refererOf(appid)

  return {
    request<T>(options: RequestOption<T>): RequestTask {
      const deadline = createDeadline()
      const headers = createListeners<Parameters<HeadersListener>[0]>()
      const chunks = createListeners<Parameters<ChunkListener>[0]>()

      const send = async (given: RequestOption<T>): Promise<RequestResult<T>> => {
        const { url, ...message } = messageOf(given, referer)
        const request = new Request(route(url), { ...message, ...platform(given), signal: deadline.signal })
        const release = await limit.enter(deadline.signal)
        deadline.start(given.timeout)
        try {
          const response = await fetch(request)
          const head = headOf(response)
          headers.tell(head)
          const bytes = await bytesOf(response, (data) => {
            if (given.enableChunked === true) chunks.tell({ data })
          })
          return { data: dataOf(bytes, given) as T, ...head }
        } catch (error) {
          throw deadline.signal.aborted ? deadline.signal.reason : networkFailure(error)
        } finally {
          deadline.stop()
          release()
        }
      }

      // Only callbacks, no promise: `wx.request` returns the task.
      outcomeOf('request', options, send).then((outcome) => report(options, outcome))
      return {
        abort: deadline.cancel,
        onHeadersReceived: headers.on,
        offHeadersReceived: headers.off,
        onChunkReceived: chunks.on,
        offChunkReceived: chunks.off,
      }
    },
  }
}

/** No cookies and no referrer of the page; answers from a cache only if the options allow them. */
export function platform(options: {
  redirect?: string | undefined
  enableCache?: boolean | undefined
}): RequestInit {
  return {
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    redirect: options.redirect === 'manual' ? 'manual' : 'follow',
    cache: options.enableCache === true ? 'default' : 'no-store',
  }
}

/** What WeChat sends as Referer: it names the mini program and the version, here that of the developer tools. */
export function refererOf(appid: string): string {
  return `https://servicewechat.com/${appid}/devtools/page-frame.html`
}
