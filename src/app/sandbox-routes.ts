import { json, SMALL } from './body.js'
import { type Route, route } from './route.js'
import { codeReply, sandboxBody, userInfoReply } from './schemas.js'

/** The phone's side of WeChat, as far as the routes need it. */
export interface Phone {
  login(user?: string): Promise<object>
  userInfo(user?: string): Promise<object>
  phoneCode(user?: string): Promise<object>
}

/** The routes that stand for a phone, where the sandbox runs. */
export function sandboxRoutes(phone: Phone): Route[] {
  const steps = [
    { path: '/sandbox/login', like: 'wx.login', step: phone.login, schema: codeReply },
    { path: '/sandbox/user-info', like: 'wx.getUserInfo', step: phone.userInfo, schema: userInfoReply },
    { path: '/sandbox/phone-code', like: 'the phone button', step: phone.phoneCode, schema: codeReply },
  ]
  return steps.map(({ path, like, step, schema }) =>
    route({
      method: 'POST',
      path,
      summary: `What ${like} would give`,
      body: json(sandboxBody, SMALL),
      success: { status: 200, means: `As from ${like}`, schema },
      errors: [],
      handle: async ({ body: { user } }) => ({ body: await step(user) }),
    }),
  )
}
