import type { ServerResponse } from 'node:http'
import { actions, type Controls } from './actions.js'
import type { HttpCall } from './server.js'
import { isObject, SandboxError } from './state/sandbox-error.js'

/**
 * The actions over HTTP, for a `wx` or a test in another process: POST with JSON in and out, an empty body for all
 * defaults. What can't be done is answered 400 with `{error}`.
 */
export function createActionsHttp(controls: Controls) {
  const byPath = new Map(actions.map((action) => [action.path, action]))

  const answer = ({ method, path, body = {} }: HttpCall): { status: number; json: unknown } => {
    const action = byPath.get(path)
    if (action === undefined) return refused(404, `there is ${[...byPath.keys()].join(', ')}`)
    if (method !== 'POST') return refused(405, 'only POST')
    const input = action.takes === 'nothing' ? {} : body
    if (!isObject(input)) return refused(400, 'the body must be a JSON object')
    try {
      return { status: 200, json: action.does(controls, input) }
    } catch (error) {
      if (error instanceof SandboxError) return refused(400, error.message)
      throw error
    }
  }

  return (call: HttpCall, response: ServerResponse): void => {
    const { status, json } = answer(call)
    const allow = status === 405 ? { allow: 'POST' } : {}
    response.writeHead(status, { 'content-type': 'application/json', ...allow }).end(JSON.stringify(json))
  }
}

function refused(status: number, error: string) {
  return { status, json: { error } }
}
