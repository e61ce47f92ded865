import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { CallLog } from './calls.js'
import type { Endpoints } from './endpoints.js'
import { errorAnswer } from './errcodes.js'
import type { Fault, Faults } from './faults.js'
import type { HttpCall } from './server.js'
import type { World } from './world.js'

/** WeChat's endpoints over HTTP, and the faults that come between. */
export function createWeixinHttp(deps: { world: World; endpoints: Endpoints; faults: Faults; log: CallLog }) {
  const { world, endpoints, faults, log } = deps

  const textOf = (answer: number | object): string => {
    const json = JSON.stringify(typeof answer === 'number' ? errorAnswer(answer, world) : answer)
    // WeChat's encoder escapes slashes, also those of session_key.
    return json.replaceAll('/', '\\/')
  }

  return (call: HttpCall, response: ServerResponse): void => {
    const answered = log.add({ at: world.clock(), ...call })
    const fault = faults.take(call.path)
    if (fault !== undefined && 'errcode' in fault) answered(fault.errcode)
    if (fault !== undefined && meetsBefore(fault, response, textOf)) return
    const answer = endpoints(call.method, call.path, { query: call.query, body: call.body })
    const text = textOf(answer)
    if (fault === undefined) {
      answered(typeof answer === 'number' ? answer : 0)
      send(response, text)
    } else harm(fault, response, text)
  }
}

/** Success and failure alike come with status 200 and as text/plain. */
function send(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/plain' }).end(text)
}

/** Answers in WeChat's place, if that is what the fault does. */
function meetsBefore(fault: Fault, response: ServerResponse, textOf: (errcode: number) => string): boolean {
  if ('errcode' in fault) send(response, textOf(fault.errcode))
  else if ('status' in fault) sendPage(response, fault.status)
  else if ('html' in fault) sendPage(response, 200)
  // As a URL writes it: a header has no room for line breaks and for most alphabets.
  else if ('redirect' in fault) response.writeHead(302, { location: new URL(fault.redirect).href }).end()
  else return false
  return true
}

function sendPage(response: ServerResponse, status: number): void {
  const page = `<html>\r\n<head><title>${status}</title></head>\r\n<body><h1>${status}</h1></body>\r\n</html>\r\n`
  response.writeHead(status, { 'content-type': 'text/html' }).end(page)
}

/** What becomes of the right answer on its way back. */
function harm(fault: Fault, response: ServerResponse, text: string): void {
  if ('delay' in fault) {
    const timer = setTimeout(send, fault.delay, response, text)
    response.once('close', () => clearTimeout(timer))
  }
  if ('reset' in fault) response.socket?.resetAndDestroy()
  if ('half' in fault) send(response, text.slice(0, text.length / 2))
  if ('oversize' in fault) {
    response.writeHead(200, { 'content-type': 'text/plain' })
    // A caller that hangs up on so much is right to.
    pipeline(Readable.from(padded(text, fault.oversize)), response).catch(() => {})
  }
}

function* padded(text: string, size: number): Generator<string> {
  yield text
  const blanks = ' '.repeat(65_536)
  for (let left = size - text.length; left > 0; left -= blanks.length) yield blanks.slice(0, left)
}
