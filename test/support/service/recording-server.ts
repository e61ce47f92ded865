import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

/** A header as it stood in the message. */
export type RawHeader = readonly [name: string, value: string]

/** A request as it arrived. */
export interface Recorded {
  readonly method: string | undefined
  readonly target: string | undefined
  readonly headers: readonly RawHeader[]
  readonly body: string
}

export type Answer = (response: ServerResponse, request: Recorded) => void

/** A small HTTP server on 127.0.0.1 that remembers what it got. Set `answer` to change what it says. */
export async function startRecordingServer(answer: Answer) {
  const requests: Recorded[] = []
  const server = createServer({ maxHeaderSize: 128 * 1024 }, async (message, response) => {
    const body = Buffer.concat(await message.toArray()).toString()
    const seen = { method: message.method, target: message.url, headers: pairs(message.rawHeaders), body }
    requests.push(seen)
    recorder.answer(response, seen)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const recorder = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer,
    async close(): Promise<void> {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return recorder
}

export type RecordingServer = Awaited<ReturnType<typeof startRecordingServer>>

export function respond(status: number, headers: OutgoingHttpHeaders = {}, body = ''): Answer {
  return (response) => response.writeHead(status, headers).end(body)
}

/** Sends a request with exactly this target and these headers, spellings and repetitions included. */
export async function sendRaw(
  url: string,
  target: string,
  {
    method = 'GET',
    headers = [],
    body,
  }: { method?: string; headers?: readonly RawHeader[]; body?: string } = {},
) {
  const { hostname, port, host } = new URL(url)
  const hasLength = body !== undefined && !headers.some(([name]) => name === 'Transfer-Encoding')
  const length: RawHeader[] = hasLength ? [['Content-Length', String(Buffer.byteLength(body))]] : []
  const sent = request({
    hostname,
    port,
    method,
    path: target,
    agent: false,
    headers: [['Host', host], ...length, ...headers].flat(),
  }).end(body)
  const [response]: IncomingMessage[] = await once(sent, 'response')
  if (response === undefined) throw new Error('no response')
  const text = Buffer.concat(await response.toArray()).toString()
  return { status: response.statusCode, headers: response.headers, text }
}

function pairs(rawHeaders: readonly string[]): RawHeader[] {
  return rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : []))
}
