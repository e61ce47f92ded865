/** What `wx.request` and its kin return. */
export interface FakeTask {
  aborted: boolean
  abort(): void
  onHeadersReceived(listener: Listener): void
  onChunkReceived(listener: Listener): void
  onProgressUpdate(listener: Listener): void
  /** Calls the listeners of an event. */
  tell(event: string, result: object): void
}

export interface FakeSocket {
  readonly url: string
  readonly options: object
  closed: boolean
  readonly task: object
  tell(event: string, result: object): void
}

type Listener = (result: never) => void

/** @param whenAborted what happens at the first `abort` */
export function createFakeTask(whenAborted: () => void): FakeTask {
  const { on, tell } = createListeners()
  const task: FakeTask = {
    aborted: false,
    abort() {
      if (!task.aborted) whenAborted()
      task.aborted = true
    },
    onHeadersReceived: on('HeadersReceived'),
    onChunkReceived: on('ChunkReceived'),
    onProgressUpdate: on('ProgressUpdate'),
    tell,
  }
  return task
}

export function createFakeSocket(options: { url: string }): FakeSocket {
  const { on, tell } = createListeners()
  const socket: FakeSocket = {
    url: options.url,
    options,
    closed: false,
    tell,
    task: {
      send() {},
      close() {
        socket.closed = true
      },
      onOpen: on('Open'),
      onMessage: on('Message'),
      onClose: on('Close'),
      onError: on('Error'),
    },
  }
  return socket
}

function createListeners() {
  const listeners = new Map<string, Listener[]>()
  return {
    on: (event: string) => (listener: Listener) => {
      listeners.set(event, [...(listeners.get(event) ?? []), listener])
    },
    tell(event: string, result: object): void {
      for (const listener of listeners.get(event) ?? []) listener(result as never)
    },
  }
}
