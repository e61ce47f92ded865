import { got } from 'got'
import { R3SessionError } from '../../domain/errors.js'
import { reasonOf } from './transport.js'

/**
 * What WeChat's clock says, from the `Date` of any answer of its server; milliseconds since 1970, `undefined` when
 * there is none. Fails with `wechat_unreachable`.
 */
export async function wechatTime(api: string, timeout: number): Promise<number | undefined> {
  try {
    const { headers } = await got.head(api, {
      retry: { limit: 0 },
      followRedirect: false,
      throwHttpErrors: false,
      timeout: { request: timeout },
    })
    const time = Date.parse(headers.date ?? '')
    return Number.isNaN(time) ? undefined : time
  } catch (error) {
    throw new R3SessionError('wechat_unreachable', { facts: { reason: reasonOf(error) } })
  }
}
