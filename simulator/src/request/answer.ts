import type { HeadersReceived, RequestOption } from '../types/wx-request.js'

/** Status, headers and cookies of an answer. */
export function headOf(response: Response): HeadersReceived {
  const cookies = response.headers.getSetCookie()
  const header: Record<string, string> = Object.fromEntries(response.headers)
  // Fetch gives Set-Cookie headers one by one; WeChat joins all repeated headers.
  if (cookies.length > 0) header['set-cookie'] = cookies.join(',')
  return { header, statusCode: response.status, cookies }
}

/** Reads the whole body. Rejects like fetch if the connection breaks. */
export async function bytesOf(
  response: Response,
  onChunk: (chunk: ArrayBuffer) => void,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  const reader = response.body?.getReader()
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    chunks.push(part.value)
    onChunk(part.value.slice().buffer)
  }
  const bytes = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

/** The `data` of the answer: an ArrayBuffer if requested, otherwise text, which is parsed if it is JSON and may be. */
export function dataOf(bytes: Uint8Array, options: RequestOption<unknown>): unknown {
  if (options.responseType === 'arraybuffer') return bytes.slice().buffer
  // TextDecoder removes one byte order mark, as WeChat does.
  const text = new TextDecoder().decode(bytes)
  if ((options.dataType ?? 'json') !== 'json') return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
