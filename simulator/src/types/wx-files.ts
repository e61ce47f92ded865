import type { Callbacks, Ok } from './wx.js'
import type { HeadersListener } from './wx-request.js'

export interface UploadOption extends Callbacks<Ok<UploadResult>> {
  url: string
  /** A file of `devtools.addFile` or of `downloadFile`. */
  filePath: string
  /** Of the file in the form. */
  name: string
  formData?: Record<string, unknown> | undefined
  /** `content-type` is always that of a form with files. */
  header?: Record<string, unknown> | undefined
  /** Milliseconds; default 60 000. */
  timeout?: number | undefined
}

export interface UploadResult {
  /** Always text, also if it is JSON. */
  data: string
  statusCode: number
}

export interface DownloadOption extends Callbacks<Ok<DownloadResult>> {
  url: string
  /** Where to save it; default: a temporary file. */
  filePath?: string | undefined
  header?: Record<string, unknown> | undefined
  timeout?: number | undefined
}

/** The answer is saved whatever its status. */
export interface DownloadResult {
  statusCode: number
  /** Only without `filePath` in the options. */
  tempFilePath: string
  /** Only with `filePath` in the options. */
  filePath: string
}

export interface UploadProgress {
  /** Per cent. */
  progress: number
  totalBytesSent: number
  totalBytesExpectedToSend: number
}

export interface DownloadProgress {
  progress: number
  totalBytesWritten: number
  totalBytesExpectedToWrite: number
}

/** A task that can be broken off. */
export interface FileTask<P> {
  /** It fails with `fail abort`. */
  abort(): void
  onHeadersReceived(listener: HeadersListener): void
  offHeadersReceived(listener?: HeadersListener): void
  onProgressUpdate(listener: (progress: P) => void): void
  offProgressUpdate(listener?: (progress: P) => void): void
}

export interface WxFiles {
  /** Sends the file as `multipart/form-data`. Never gives a promise. */
  uploadFile(options: UploadOption): FileTask<UploadProgress>
  downloadFile(options: DownloadOption): FileTask<DownloadProgress>
}
