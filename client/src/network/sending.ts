import { R3SessionError } from './error.js'
import type { Control } from './http.js'
import { assign } from './wx.js'

/** A promise of an answer, and what can be done until it is there. */
export interface Sending<T> extends Promise<T> {
  /**
   * Stops it: nothing more is sent, what is under way is broken off, and the promise rejects with the code `aborted`. It
   * does nothing when the answer is there. An open socket is closed.
   */
  abort(): void
  /** As for the task that `wx.request` returns. The listener also hears of an answer 401 that is then replaced. */
  onHeadersReceived(listener: (result: { header: object }) => void): void
}

export interface SendingRequest<T> extends Sending<T> {
  /** With `enableChunked`. It also hears the chunks of an answer that is then replaced. */
  onChunkReceived(listener: (result: { data: ArrayBuffer }) => void): void
}

export interface SendingFile<T> extends Sending<T> {
  /** Begins anew if the file has to be sent again after a login. */
  onProgressUpdate(listener: (result: Progress) => void): void
}

export interface SendingSocket<T> extends Omit<Sending<T>, 'onHeadersReceived'> {
  /** Listeners of the open socket. Set before it opens, they miss nothing. */
  onMessage(listener: (result: { data: string | ArrayBuffer }) => void): void
  onClose(listener: (result: { code: number; reason: string }) => void): void
  onError(listener: (result: { errMsg: string }) => void): void
}

/** In per cent and bytes. The bytes of an upload are called `…Sent`, those of a download `…Written`. */
export interface Progress {
  readonly progress: number
  readonly totalBytesSent?: number
  readonly totalBytesExpectedToSend?: number
  readonly totalBytesWritten?: number
  readonly totalBytesExpectedToWrite?: number
}

/** The functions of all kinds of tasks that take a listener. */
const LISTENING = ['HeadersReceived', 'ChunkReceived', 'ProgressUpdate', 'Message', 'Close', 'Error']

/** What `wx` returned: which functions there are depends on the library and on the call. */
type Task = Partial<Record<string, (argument: unknown) => void>>

/** Runs `send`, and passes on to each task that it starts what the caller wants of it, now or later. */
export function startSending<T, S extends Pick<Sending<T>, 'abort'>>(
  send: (control: Control) => Promise<T>,
): Promise<T> & S {
  const wishes: ((task: Task) => void)[] = []
  let current: Task = {}
  let aborted = false
  const wish = (name: string, argument: unknown) => {
    const apply = (task: Task) => {
      const perform = task[name]
      if (perform) perform.call(task, argument)
    }
    wishes.push(apply)
    apply(current)
  }
  const stopped = new R3SessionError('stopped by abort()', 'aborted', 'none')
  const tools: Record<string, unknown> = {}
  const sending = new Promise<T>((resolve, reject) => {
    tools['abort'] = () => {
      aborted = true
      reject(stopped)
      // Sockets have only `close`.
      wish(current['abort'] ? 'abort' : 'close', {})
    }
    send({
      started(task) {
        current = task as Task
        for (const apply of wishes) apply(current)
      },
      check() {
        if (aborted) throw stopped
      },
    }).then(resolve, reject)
  })
  for (const name of LISTENING) tools[`on${name}`] = (listener: unknown) => wish(`on${name}`, listener)
  return assign(sending, tools) as Promise<T> & S
}
