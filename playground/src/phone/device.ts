import { createClient } from '@r3session/client'
import { createWx, type WebStorage } from '@r3session/wx-simulator'
import type { Exchange } from '../journal/journal.js'
import { type RecordOptions, recordWx } from '../journal/recorder.js'
import { headerNamed, isRecord } from '../page/values.js'

/** The sandbox's own mini program. */
const APPID = 'wxd3300000000000d3'

/** The user of the phone, and the service that it is connected to. */
export interface DeviceOptions extends RecordOptions {
  /** The user of the phone. */
  readonly user: string
  readonly baseUrl: string
  /** Default: in memory. */
  readonly storage?: WebStorage
}

/** Creates a phone with the mini program on it: a recorded `wx`, and a client that uses it. */
export function createDevice({ user, baseUrl, storage, ...record }: DeviceOptions) {
  const wx = createWx({ appid: APPID, weixin: baseUrl, user, ...(storage && { storage }) })
  const recorded = recordWx(wx, record)
  /** Requests of earlier users of the phone. */
  const earlier = new Set(record.journal.exchanges)

  return {
    place: record.place,
    user,
    wx: recorded,
    client: createClient({ baseUrl, wx: recorded }),
    devtools: wx.devtools,

    /** The phone's current r3session: the last one that it sent or got, or else, after a reload, the stored one. */
    async token(): Promise<string | undefined> {
      const last = record.journal.exchanges.findLast(
        (one) => one.from === record.place && one.answer && !earlier.has(one),
      )
      if (last !== undefined) return tokenAfter(last)
      const stored = await wx
        .getStorage({ key: 'r3session', encrypt: true })
        .catch(() => wx.getStorage({ key: 'r3session' }))
        .catch(() => undefined)
      return /[0-9a-f]{128}/.exec(JSON.stringify(stored?.data) ?? '')?.[0]
    },
  }
}

export type Device = ReturnType<typeof createDevice>

/** The token that is valid after this request; undefined after a logout. */
function tokenAfter({ method, path, header, answer }: Exchange): string | undefined {
  if (answer !== undefined && isRecord(answer.body) && typeof answer.body['r3session'] === 'string') {
    return answer.body['r3session']
  }
  if (method === 'DELETE' && path === '/v1/session') return undefined
  return headerNamed(header, 'authorization')?.replace(/^Bearer /, '')
}
