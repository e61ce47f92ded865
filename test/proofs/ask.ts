import { once } from 'node:events'
import { type Agent, request } from 'node:http'

/** An answer as the proofs look at it. */
export interface Answered {
  readonly status: number
  /** Of a problem document. */
  readonly code: string | undefined
  readonly json: Readonly<Record<string, unknown>>
}

/** One request over an agent's connections: `fetch` costs more than what it asks. Fails where no whole answer comes. */
export async function ask(
  agent: Agent,
  url: string,
  method: string,
  { token, body, headers = {} }: { token?: string; body?: object; headers?: Record<string, string> } = {},
): Promise<Answered> {
  const sent = request(url, {
    agent,
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
  })
  sent.end(body === undefined ? undefined : JSON.stringify(body))
  const [response] = await once(sent, 'response')
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  const json = text.startsWith('{') ? JSON.parse(text) : {}
  return { status: response.statusCode, code: json.code, json }
}
