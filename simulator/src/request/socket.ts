import { callApi, failureOf, outcomeOf, report } from '../calls/api.js'
import { createDeadline } from '../calls/deadline.js'
import { reasonOf, WxFailure, wrongParameter } from '../calls/failure.js'
import { createListeners } from '../calls/listeners.js'
import type {
  ConnectSocketOption,
  OpenWebSocket,
  SocketClosed,
  SocketMessage,
  SocketOpened,
  SocketTask,
  WebSocketLike,
  WxSocket,
} from '../types/wx-socket.js'
import { type RequestDeps, refererOf } from './request.js'

/** How many sockets WeChat keeps open at the same time. */
const MAX_SOCKETS = 5

const OPEN = 1

export interface SocketDeps extends RequestDeps {
  readonly openWebSocket: OpenWebSocket
}

/** `wx.connectSocket`, on a WebSocket. */
export function createSockets({ appid, route, openWebSocket }: SocketDeps): WxSocket {
  let sockets = 0

  /** Begins to open it. Throws a WxFailure for invalid options. */
  function open(given: ConnectSocketOption): WebSocketLike {
    const url: unknown = given.url
    if (typeof url !== 'string') throw wrongParameter('parameter.url', 'String', url)
    if (!/^wss?:\/\//i.test(url)) throw new WxFailure(`invalid url "${url}"`)
    if (sockets >= MAX_SOCKETS) throw new WxFailure(`more than ${MAX_SOCKETS} sockets`)
    const headers: Record<string, string> = { Referer: refererOf(appid) }
    for (const [name, value] of Object.entries(given.header ?? {}))
      if (name.toLowerCase() !== 'referer') headers[name] = String(value)
    const target = route(url.replace(/^ws/i, 'http')).replace(/^http/i, 'ws')
    const socket = openWebSocket(target, given.protocols ?? [], headers)
    socket.binaryType = 'arraybuffer'
    sockets += 1
    return socket
  }

  return {
    connectSocket(options) {
      const opened = createListeners<SocketOpened>()
      const messages = createListeners<SocketMessage>()
      const closed = createListeners<SocketClosed>()
      const errors = createListeners<{ errMsg: string }>()
      const deadline = createDeadline()
      let socket: WebSocketLike | undefined
      let isOver = false

      const end = (result: SocketClosed, error?: unknown): void => {
        if (isOver) return
        isOver = true
        sockets -= 1
        deadline.stop()
        if (error !== undefined) errors.tell({ errMsg: failureOf('connectSocket', error).errMsg })
        closed.tell(result)
      }

      const begin = (given: ConnectSocketOption): object => {
        const opening = open(given)
        socket = opening
        deadline.start(given.timeout)
        deadline.signal.addEventListener('abort', () => {
          end({ code: 1006, reason: 'timeout' }, deadline.signal.reason)
          opening.close()
        })
        opening.addEventListener('open', () => {
          if (isOver) return
          deadline.stop()
          opened.tell({ header: {} } as SocketOpened)
        })
        opening.addEventListener('message', ({ data }: { data: string | ArrayBuffer }) =>
          messages.tell({ data }),
        )
        opening.addEventListener('error', () =>
          end({ code: 1006, reason: 'abnormal closure' }, new WxFailure('the socket broke or was refused')),
        )
        opening.addEventListener('close', ({ code, reason }: SocketClosed) => end({ code, reason }))
        return {}
      }
      outcomeOf('connectSocket', options, begin).then((outcome) => report(options, outcome))

      /** The socket if it is open. */
      const live = (): WebSocketLike => {
        if (socket?.readyState !== OPEN) throw new WxFailure('SocketTask.readyState is not OPEN')
        return socket
      }
      const task: SocketTask = {
        send(given) {
          void callApi('sendSocketMessage', withCallback(given), ({ data }) => {
            live().send(data)
            return {}
          })
        },
        close(given = {}) {
          void callApi('closeSocket', withCallback(given), ({ code = 1000, reason }) => {
            if (socket === undefined) throw new WxFailure('there is no socket')
            try {
              socket.close(code, reason)
            } catch (error) {
              throw new WxFailure(reasonOf(error))
            }
            return {}
          })
        },
        onOpen: opened.on,
        onMessage: messages.on,
        onClose: closed.on,
        onError: errors.on,
      }
      return task
    },
  }
}

/** With callbacks in any case, since these functions give no promise that could reject. */
function withCallback<O extends object>(options: O): O {
  return { fail() {}, ...options }
}

/**
 * The WebSocket of Node (from 22) or of the browser. That of a browser sends no headers.
 *
 * Fails with a WxFailure where there is none.
 */
export const openGlobalWebSocket: OpenWebSocket = (url, protocols, headers) => {
  const { WebSocket, document } = globalThis as {
    WebSocket?: new (url: string, second: unknown) => WebSocketLike
    document?: unknown
  }
  if (WebSocket === undefined)
    throw new WxFailure('there is no WebSocket here: createWx takes one as webSocket')
  return new WebSocket(url, document === undefined ? { protocols, headers } : protocols)
}
