import { outcomeOf, report } from '../calls/api.js'
import { createDeadline } from '../calls/deadline.js'
import { WxFailure, wrongParameter } from '../calls/failure.js'
import { createListeners } from '../calls/listeners.js'
import type { Callbacks, Ok } from '../types/wx.js'
import type {
  DownloadOption,
  DownloadProgress,
  DownloadResult,
  FileTask,
  UploadOption,
  UploadProgress,
  UploadResult,
  WxFiles,
} from '../types/wx-files.js'
import type { HeadersReceived } from '../types/wx-request.js'
import { bytesOf, headOf } from './answer.js'
import { createConcurrencyLimit } from './concurrency-limit.js'
import type { Files } from './files.js'
import { networkFailure } from './network-failure.js'
import { MAX_CONCURRENT, platform, type RequestDeps, refererOf } from './request.js'

type Given = Callbacks<never> & {
  url: string
  header?: Record<string, unknown> | undefined
  timeout?: number | undefined
}

/** What one transfer sends, and what it makes of the answer. */
interface Exchange<P, R> {
  readonly init: RequestInit
  readonly finish: (response: Response, progress: (progress: P) => void) => Promise<R>
}

/** `wx.uploadFile` and `wx.downloadFile`, on fetch and files in memory. */
export function createTransfers({ appid, route, files }: RequestDeps & { readonly files: Files }): WxFiles {
  /** Runs at most as many at a time as WeChat does, and gives the task. */
  function createTransfer<O extends Given, P, R extends object>(
    name: string,
    /** Throws a WxFailure for invalid options. */
    prepare: (given: O) => Exchange<P, R>,
  ) {
    const limit = createConcurrencyLimit(MAX_CONCURRENT)
    return (options: O & Callbacks<Ok<R>>): FileTask<P> => {
      const deadline = createDeadline()
      const headers = createListeners<HeadersReceived>()
      const progress = createListeners<P>()

      const send = async (given: O): Promise<R> => {
        const url: unknown = given.url
        if (typeof url !== 'string') throw wrongParameter('parameter.url', 'String', url)
        if (!/^https?:\/\//i.test(url)) throw new WxFailure(`invalid url "${url}"`)
        const { init, finish } = prepare(given)
        const request = new Request(route(url), {
          ...init,
          ...platform({}),
          headers: headersOf(given.header, appid),
          signal: deadline.signal,
        })
        const release = await limit.enter(deadline.signal)
        deadline.start(given.timeout)
        try {
          const response = await fetch(request)
          headers.tell(headOf(response))
          return await finish(response, progress.tell)
        } catch (error) {
          throw deadline.signal.aborted ? deadline.signal.reason : networkFailure(error)
        } finally {
          deadline.stop()
          release()
        }
      }

      outcomeOf(name, options, send).then((outcome) => report(options, outcome))
      return {
        abort: deadline.cancel,
        onHeadersReceived: headers.on,
        offHeadersReceived: headers.off,
        onProgressUpdate: progress.on,
        offProgressUpdate: progress.off,
      }
    }
  }

  return {
    uploadFile: createTransfer<UploadOption, UploadProgress, UploadResult>('uploadFile', (given) => {
      const content = files.read(stringOf(given, 'filePath'))
      if (content === undefined) throw new WxFailure(`file not found "${given.filePath}"`)
      const form = new FormData()
      for (const [field, value] of Object.entries(given.formData ?? {})) form.append(field, String(value))
      const base = given.filePath.split('/').at(-1) ?? ''
      form.append(stringOf(given, 'name'), new Blob([content.slice()]), base)
      return {
        init: { method: 'POST', body: form },
        async finish(response, progress) {
          // Fetch does not tell how far it is; when there is an answer, all has been sent.
          const size = content.length
          progress({ progress: 100, totalBytesSent: size, totalBytesExpectedToSend: size })
          return { data: await response.text(), statusCode: response.status }
        },
      }
    }),

    downloadFile: createTransfer<DownloadOption, DownloadProgress, DownloadResult>(
      'downloadFile',
      (given) => ({
        init: { method: 'GET' },
        async finish(response, progress) {
          const expected = Number(response.headers.get('content-length') ?? 0)
          let written = 0
          const content = await bytesOf(response, ({ byteLength }) => {
            written += byteLength
            const part = expected > 0 ? Math.floor((100 * written) / expected) : 0
            progress({ progress: part, totalBytesWritten: written, totalBytesExpectedToWrite: expected })
          })
          const { statusCode } = headOf(response)
          const path = given.filePath ?? files.temporaryPath(extensionOf(given.url))
          files.write(path, content)
          // Only one of the two is there, although WeChat's typings declare both.
          const place = given.filePath === undefined ? { tempFilePath: path } : { filePath: path }
          return { statusCode, ...place } as DownloadResult
        },
      }),
    ),
  }
}

function stringOf<K extends string>(options: Partial<Record<K, unknown>>, name: K): string {
  const value = options[name]
  if (typeof value !== 'string') throw wrongParameter(`parameter.${name}`, 'String', value)
  return value
}

/** Only WeChat sets Referer, and fetch the type of a form, which has to name its boundary. */
function headersOf(header: unknown, appid: string): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(header ?? {}))
    if (!/^(referer|content-type)$/i.test(name)) headers[name] = String(value)
  return { ...headers, Referer: refererOf(appid) }
}

function extensionOf(url: string): string {
  return /\.\w{1,8}(?=$|[?#])/.exec(url.replace(/^https?:\/\/[^/]+/i, ''))?.[0] ?? ''
}
