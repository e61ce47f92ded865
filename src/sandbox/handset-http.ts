import type { ServerResponse } from 'node:http'
import type { Faults } from './faults.js'
import type { Handset } from './handset.js'
import { isObject, SandboxError } from './sandbox-error.js'
import type { HttpCall } from './server.js'

/**
 * The phone over HTTP, for a `wx` in another process, and the controls it needs: POST with JSON in and out, an empty body
 * for all defaults. What can't be done is answered 400 with `{error}`.
 */
export function createHandsetHttp(handset: Handset, faults: Faults) {
  const actions: Record<string, (body: Record<string, unknown>) => unknown> = {
    '/sandbox/login': handset.login,
    '/sandbox/check-session': handset.checkSession,
    '/sandbox/user-info': handset.userInfo,
    '/sandbox/phone-code': handset.phoneCode,
    '/sandbox/phone': handset.phone,
    '/sandbox/plugin-login': handset.pluginLogin,
    '/sandbox/user-key': handset.userKey,
    '/sandbox/pay': handset.pay,
    '/sandbox/share': handset.share,
    '/sandbox/we-run': handset.weRun,
    '/sandbox/seal': handset.seal,
    '/sandbox/identity': handset.identity,
    '/sandbox/rotate-key': handset.rotateKey,
    '/sandbox/block': handset.block,
    '/sandbox/fail': faults.add,
    '/sandbox/recover': faults.clear,
  }

  const answer = ({ method, path, body = {} }: HttpCall): { status: number; json: unknown } => {
    const action = Object.hasOwn(actions, path) ? actions[path] : undefined
    if (action === undefined) return refused(404, `there is ${Object.keys(actions).join(', ')}`)
    if (method !== 'POST') return refused(405, 'only POST')
    if (!isObject(body)) return refused(400, 'the body must be a JSON object')
    try {
      return { status: 200, json: action(body) ?? {} }
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
