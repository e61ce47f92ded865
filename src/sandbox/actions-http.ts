import type { ServerResponse } from 'node:http'
import { actions, type Controls } from './actions.js'
import type { Sandbox } from './library.js'
import { type HttpCall, STATE_PATH } from './server.js'
import { isObject, SandboxError } from './state/sandbox-error.js'

/** As a sandbox has them; input comes from another process and is checked there. */
type StateControls = Pick<Sandbox, 'state' | 'restore' | 'reset'> & { advance(milliseconds: unknown): number }

interface Answer {
  readonly status: number
  readonly json: unknown
  readonly allow?: string
}

/** What is done at a path, by which methods. */
interface Place {
  readonly methods: readonly string[]
  readonly does: (method: string, input: Readonly<Record<string, unknown>>) => object
}

/**
 * The actions over HTTP, for a `wx` or a test in another process: POST with JSON in and out, an empty body for all
 * defaults; and what the sandbox remembers. What can't be done is answered 400 with `{error}`.
 */
export function createActionsHttp(controls: Controls, state: StateControls) {
  const places = new Map<string, Place>([
    ...actions.map((action): [string, Place] => [
      action.path,
      {
        methods: ['POST'],
        does: (_method, input) => action.does(controls, action.takes === 'nothing' ? {} : input),
      },
    ]),
    ...stateRoutes(state),
  ])

  const answer = ({ method, path, body = {} }: HttpCall): Answer => {
    const place = places.get(path)
    if (place === undefined) return refused(404, `there is ${[...places.keys()].join(', ')}`)
    const { methods, does } = place
    if (!methods.includes(method))
      return { ...refused(405, `only ${methods.join(' and ')}`), allow: methods.join(', ') }
    if (!isObject(body)) return refused(400, 'the body must be a JSON object')
    try {
      return { status: 200, json: does(method, body) }
    } catch (error) {
      if (error instanceof SandboxError) return refused(400, error.message)
      throw error
    }
  }

  return (call: HttpCall, response: ServerResponse): void => {
    const { status, json, allow } = answer(call)
    const headers = { 'content-type': 'application/json', ...(allow !== undefined && { allow }) }
    response.writeHead(status, headers).end(JSON.stringify(json))
  }
}

/** What the sandbox remembers, for another process. */
function stateRoutes({ state, restore, reset, advance }: StateControls): [string, Place][] {
  const done = (work: () => void) => {
    work()
    return {}
  }
  return [
    [
      STATE_PATH,
      {
        methods: ['GET', 'PUT'],
        does: (method, input) => (method === 'GET' ? state() : done(() => restore(input))),
      },
    ],
    ['/sandbox/reset', { methods: ['POST'], does: () => done(reset) }],
    ['/sandbox/clock', { methods: ['POST'], does: (_method, input) => ({ now: advance(input['advance']) }) }],
  ]
}

function refused(status: number, error: string): Answer {
  return { status, json: { error } }
}
