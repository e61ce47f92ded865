import { Worker } from 'node:worker_threads'
import { sqliteError } from '../driver.js'
import type { Write } from './writer.js'

/** What the thread is sent: a call of the writer, or word that no further one will come. */
export type Message = readonly [name: Parameters<Write>[0], args: readonly unknown[]] | 'end'

/** The answer to a call: what the operation returned, or the code of the SqliteError it threw. */
export type Answer = { readonly result: unknown } | { readonly failure: string }

/**
 * A writer on the database at `path`, which has to exist, in a thread of its own. Waiting for the disk, above all for
 * the fsync of a commit or a checkpoint, would stop the event loop for as long as it takes; there it stops nothing.
 *
 * A thread costs memory, so there is one from the first call on, and again none when no call came for `idle`
 * milliseconds. Calls that it can't answer fail with a SqliteError; a thread that broke is replaced at the next call.
 */
export function createWriterThread(path: string, idle: number): { write: Write; close(): Promise<void> } {
  let thread: ReturnType<typeof startThread> | undefined
  let allEnded: Promise<void> = Promise.resolve()
  const rest = setTimeout(letGo, idle).unref()

  function start() {
    const started = startThread(path)
    const others = allEnded
    allEnded = started.ended.then(() => {
      if (thread === started) thread = undefined
      return others
    })
    return started
  }

  /** The thread still answers what it was asked; whatever comes from now on goes to another one. */
  function letGo(): void {
    thread?.end()
    thread = undefined
  }

  return {
    write(name, ...args) {
      rest.refresh()
      thread ??= start()
      return thread.call(name, args)
    },

    /** Resolves when every call is answered and no thread is left. */
    close() {
      clearTimeout(rest)
      letGo()
      return allEnded
    },
  }
}

function startThread(path: string) {
  // Flags of this process may be such that no thread starts under them, `--input-type` for one.
  const options = { workerData: path, execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: 1 } }
  const worker = new Worker(new URL('./worker.js', import.meta.url), options)
  const waiting: { resolve: (result: never) => void; reject: (error: Error) => void }[] = []
  let end: string | undefined
  const send = (message: Message) => worker.postMessage(message)

  // One operation runs at a time, so answers come in the order of the calls.
  worker.on('message', (answer: Answer) => {
    const call = waiting.shift()
    if ('failure' in answer) call?.reject(sqliteError(answer.failure))
    else call?.resolve(answer.result as never)
  })
  worker.on('error', (error) => {
    end = `WRITER_THREAD_ENDED by ${'code' in error ? error.code : error.name}`
  })
  worker.on('exit', () => {
    end ??= 'WRITER_THREAD_ENDED'
    for (const call of waiting.splice(0)) call.reject(sqliteError(end))
  })

  return {
    call: (name: Parameters<Write>[0], args: readonly unknown[]): Promise<never> =>
      new Promise((resolve, reject) => {
        if (end !== undefined) return reject(sqliteError(end))
        waiting.push({ resolve, reject })
        send([name, args])
      }),
    end: () => send('end'),
    ended: new Promise<void>((resolve) => worker.on('exit', () => resolve())),
  }
}
