/** The sandbox's actions as routes, only where WeChat is imitated: what a phone does, and what can go wrong at WeChat. */
import { type Action, actions, type Sandbox, SandboxError } from '../../../sandbox/index.js'
import { invalid, json, LARGE, SMALL } from '../../http/body.js'
import { type Body, type Reply, type Route, route } from '../../http/route.js'
import { anyFields, inputs, outputs } from './schemas.js'

export function sandboxRoutes(weixin: Sandbox): Route[] {
  return actions.map((action) => {
    const { path, summary, takes, gives, means } = action
    const declared = {
      method: 'POST',
      path,
      summary,
      success: { status: 200, means, schema: outputs[gives] },
      lane: 'other',
      errors: [],
    } as const
    if (takes === 'nothing') return route({ ...declared, handle: () => perform(weixin, action, {}) })
    return route({
      ...declared,
      body: bodyOf(takes),
      handle: ({ body }) => perform(weixin, action, body),
    })
  })
}

/** Any JSON object: the sandbox itself checks the fields, and says the same of them on its own address. */
function bodyOf(takes: keyof typeof inputs): Body<Record<string, unknown>> {
  const limit = takes === 'data' || takes === 'profile' ? LARGE : SMALL
  return { ...json(anyFields, limit), schema: inputs[takes] }
}

/** What the sandbox can't do is a bad request. Its messages quote nothing. */
async function perform(weixin: Sandbox, action: Action, fields: Record<string, unknown>): Promise<Reply> {
  try {
    return { body: weixin.perform(action, fields) }
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error
    throw invalid({ en: `${error.message}.`, zh: `沙箱无法照办：${error.message}` })
  }
}
