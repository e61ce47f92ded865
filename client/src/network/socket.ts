import type { Answer } from './answer.js'
import { bearer, type Control, DEADLINE, errorFor, GRACE, type Http } from './http.js'
import { type Time, within } from './time.js'
import { assign, type Wx, type WxTransfer } from './wx.js'

/** The functions of WeChat's SocketTask. */
export interface SocketTask {
  send(options: { data: string | ArrayBuffer } & SocketCallbacks): void
  close(options: { code?: number; reason?: string } & SocketCallbacks): void
  onOpen(listener: (result: { header: object }) => void): void
  onMessage(listener: (result: { data: string | ArrayBuffer }) => void): void
  onClose(listener: (result: { code: number; reason: string }) => void): void
  onError(listener: (result: { errMsg: string }) => void): void
}

export interface SocketCallbacks {
  success?(result: { errMsg: string }): void
  fail?(failure: { errMsg: string }): void
  complete?(result: { errMsg: string }): void
}

/**
 * Opens a socket with the token in its header. Resolves to an answer whose data is its task, or to the service's 401 if
 * the session has ended; rejects with an R3SessionError `network` if the socket does not open for another reason.
 */
export function connectSocket(
  wx: Wx,
  http: Http,
  time: Time,
  options: WxTransfer,
  token: string,
  control: Control,
): Promise<Answer<unknown>> {
  control.check()
  const request = http.withToken(options, token)
  const { timeout = DEADLINE } = request
  const url = request.url.replace(/^http/i, 'ws')
  let task: SocketTask | undefined
  const opening = new Promise<Answer<unknown>>((resolve, reject) => {
    const connect = wx.connectSocket as (options: object) => SocketTask | undefined
    task = connect.call(wx, assign({ timeout }, request, { url, fail: reject }))
    const opened = task
    if (!opened) return
    opened.onOpen(() => {
      // In the very event, before any message can come.
      control.started(opened)
      resolve({ statusCode: 200, data: opened, header: {} })
    })
    opened.onError(reject)
    opened.onClose(({ reason }) => reject({ errMsg: `closed ${reason}` }))
  })
  return within(time, timeout + GRACE, opening).catch((failure) => {
    if (task) task.close({})
    control.check()
    // Phones do not tell the status of a refused handshake, so the service is asked about the token.
    const error = errorFor(url, failure)
    const rethrow = () => {
      throw error
    }
    return http
      .ask('GET', '/v1/session', bearer(token), undefined, [])
      .then((answer) => (answer.statusCode === 401 ? answer : rethrow()), rethrow)
  })
}
