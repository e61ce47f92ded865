import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { HttpCall } from './server.js'
import type { Environment } from './state/environment.js'
import type { CallLog } from './weixin/calls.js'
import type { Endpoints } from './weixin/endpoints.js'
import { errorAnswer } from './weixin/errcodes.js'
import type { Fault, Faults } from './weixin/faults.js'

/** WeChat's endpoints over HTTP, with the faults that were set for them. */
export function createWeixinHttp(deps: {
  environment: Environment
  endpoints: Endpoints
  faults: Faults
  log: CallLog
}) {
  const { environment, endpoints, faults, log } = deps

  const textOf = (answer: number | object): string => {
    const json = JSON.stringify(typeof answer === 'number' ? errorAnswer(answer, environment) : answer)
    // WeChat's encoder escapes slashes, also those of session_key.
    return json.replaceAll('/', '\\/')
  }

  return ({ text: sent, ...call }: HttpCall, response: ServerResponse): void => {
    const answered = log.add({ at: environment.clock(), ...call })
    const fault = faults.take(call.path)
    if (fault !== undefined && 'errcode' in fault) answered(fault.errcode)
    if (fault !== undefined && answerInstead(fault, response, textOf)) return
    const answer = endpoints(call.method, call.path, { query: call.query, body: call.body, text: sent })
    const text = textOf(answer)
    if (fault === undefined) {
      answered(typeof answer === 'number' ? answer : 0)
      send(response, text)
    } else spoil(fault, response, text)
  }
}

/** Success and failure alike come with status 200 and as text/plain. */
function send(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/plain' }).end(text)
}

/** Sends the fault as the answer, if it is one that comes before WeChat has done anything. */
function answerInstead(fault: Fault, response: ServerResponse, textOf: (errcode: number) => string): boolean {
  if ('errcode' in fault) send(response, textOf(fault.errcode))
  else if ('status' in fault) sendPage(response, fault.status)
  else if ('html' in fault) sendPage(response, 200)
  // Through URL, because a header can hold no line breaks and no Chinese.
  else if ('redirect' in fault) response.writeHead(302, { location: new URL(fault.redirect).href }).end()
  else return false
  return true
}

function sendPage(response: ServerResponse, status: number): void {
  const page = `<html>\r\n<head><title>${status}</title></head>\r\n<body><h1>${status}</h1></body>\r\n</html>\r\n`
  response.writeHead(status, { 'content-type': 'text/html' }).end(page)
}

/** Sends the right answer late, in part, padded or not at all. */
function spoil(fault: Fault, response: ServerResponse, text: string): void {
  if ('delay' in fault) {
    const timer = setTimeout(send, fault.delay, response, text)
    response.once('close', () => clearTimeout(timer))
  }
  if ('reset' in fault) response.socket?.resetAndDestroy()
  if ('half' in fault) send(response, text.slice(0, text.length / 2))
  if ('oversize' in fault) {
    response.writeHead(200, { 'content-type': 'text/plain' })
    // A caller may hang up on so much.
    pipeline(Readable.from(padded(text, fault.oversize)), response).catch(() => {})
  }
}

function* padded(text: string, size: number): Generator<string> {
  yield text
  const blanks = ' '.repeat(65_536)
  for (let left = size - text.length; left > 0; left -= blanks.length) yield blanks.slice(0, left)
}
