/** The routes that are there only where WeChat is imitated: what a phone does, and what can go wrong at WeChat. */
import { type Sandbox, SandboxError } from '../../sandbox/index.js'
import { invalid, json, LARGE, SMALL } from '../http/body.js'
import { type Reply, type Route, route } from '../http/route.js'
import {
  faultBody,
  nothingReply,
  phoneButtonReply,
  sealBody,
  sealReply,
  userInfoBody,
  userInfoReply,
  validReply,
  whoBody,
} from './sandbox-schemas.js'
import { codeReply } from './schemas.js'

export function sandboxRoutes(weixin: Sandbox): Route[] {
  return [...phoneRoutes(weixin), ...mischiefRoutes(weixin)]
}

/** What a phone does; the wx simulator is made of these. */
function phoneRoutes(weixin: Sandbox): Route[] {
  const steps = [
    {
      path: '/sandbox/login',
      like: 'wx.login',
      schema: codeReply,
      step: ({ user, appid }: Who) => weixin.login(user, app(appid)),
    },
    {
      path: '/sandbox/phone-code',
      like: 'the phone button',
      schema: codeReply,
      step: ({ user, appid }: Who) => weixin.phoneCode(user, app(appid)),
    },
    {
      path: '/sandbox/phone',
      like: 'the phone button, for old clients',
      schema: phoneButtonReply,
      step: ({ user, appid }: Who) => weixin.phone(user, app(appid)),
    },
    {
      path: '/sandbox/check-session',
      like: 'wx.checkSession',
      schema: validReply,
      step: ({ user, appid }: Who) => weixin.checkSession(user, app(appid)),
    },
  ]
  return [
    ...steps.map(({ path, like, schema, step }) =>
      route({
        method: 'POST',
        path,
        summary: `What ${like} would give`,
        body: json(whoBody, SMALL),
        success: { status: 200, means: `As from ${like}`, schema },
        errors: [],
        handle: ({ body }) => attempt(() => step(body)),
      }),
    ),
    route({
      method: 'POST',
      path: '/sandbox/user-info',
      summary: 'What wx.getUserInfo would give',
      body: json(userInfoBody, LARGE),
      success: { status: 200, means: 'As from wx.getUserInfo', schema: userInfoReply },
      errors: [],
      handle: ({ body: { user, appid, profile } }) =>
        attempt(() => weixin.userInfo(user, { ...app(appid), ...(profile && { profile }) })),
    }),
    route({
      method: 'POST',
      path: '/sandbox/seal',
      summary: "Any data or text, sealed with the user's session_key",
      body: json(sealBody, LARGE),
      success: { status: 200, means: 'As from any wx function that seals', schema: sealReply },
      errors: [],
      handle: ({ body: { user = 'demo', appid, data } }) =>
        attempt(() => weixin.seal(user, data, app(appid))),
    }),
  ]
}

/** What goes wrong at WeChat, at will. */
function mischiefRoutes(weixin: Sandbox): Route[] {
  const done = { status: 200, means: 'Done', schema: nothingReply }
  return [
    route({
      method: 'POST',
      path: '/sandbox/rotate-key',
      summary: "Have WeChat replace the user's session_key at once, as a login on another device may",
      body: json(whoBody, SMALL),
      success: done,
      errors: [],
      handle: ({ body: { user, appid } }) => attempt(() => weixin.rotateKey(user, app(appid))),
    }),
    route({
      method: 'POST',
      path: '/sandbox/fail',
      summary: "Have the next calls of WeChat's endpoints meet a fault",
      body: json(faultBody, SMALL),
      success: done,
      errors: [],
      // The sandbox checks what comes from outside by itself, and says what is wrong with it.
      handle: ({ body }) => attempt(() => weixin.fail(body as Parameters<Sandbox['fail']>[0])),
    }),
    route({
      method: 'POST',
      path: '/sandbox/recover',
      summary: 'Forget all faults that have not been met yet',
      success: done,
      errors: [],
      handle: () => attempt(() => weixin.recover()),
    }),
  ]
}

type Who = { readonly user?: string | undefined; readonly appid?: string | undefined }

function app(appid: string | undefined) {
  return appid === undefined ? {} : { appid }
}

/** What the sandbox can't do is a bad request. Its messages quote nothing. */
async function attempt(act: () => unknown): Promise<Reply> {
  try {
    const given = await act()
    return { body: { ...(given as object | undefined) } }
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error
    throw invalid({ en: `${error.message}.`, zh: `沙箱无法照办：${error.message}` })
  }
}
