import { type Client, createClient, type Time } from '@r3session/client'
import { createWx, type WebStorage, type Wx } from '@r3session/wx-simulator'
import type { RunningService } from '../service/start-service.js'

/** A mini program on a simulated phone, and how often it has called `wx.login`. */
export interface ServicePhone {
  readonly wx: Wx
  readonly client: Client
  logins: number
}

export interface PhoneOptions {
  readonly user?: string
  readonly storage?: WebStorage
  readonly baseUrl?: string
}

/** Starts the mini program on a simulated phone, with a client of the running service. */
export function startPhone(
  service: RunningService,
  { user = 'anna', storage, baseUrl = service.url }: PhoneOptions = {},
): ServicePhone {
  const [app] = service.weixin.apps
  const clock = () => service.time.now
  const wx = createWx({
    appid: app?.appid ?? '',
    weixin: service.weixin.url,
    user,
    clock,
    ...(storage && { storage }),
  })
  const started: ServicePhone = {
    wx,
    logins: 0,
    client: createClient({ baseUrl, wx, time: fastTime(clock) }),
  }
  const { login } = wx
  wx.login = ((options: Parameters<typeof login>[0]) => {
    started.logins++
    return login(options)
  }) as typeof login
  return started
}

/** The token in the storage of the phone. */
export async function tokenOf({ wx }: ServicePhone): Promise<string> {
  return String((await wx.getStorage({ key: 'r3session', encrypt: true })).data)
}

/** The clock of the service. Pauses take a tenth of their time; timeouts, of 2 seconds and more, take all of it. */
function fastTime(now: () => number): Time {
  return {
    now,
    after(milliseconds, run) {
      const timer = setTimeout(run, milliseconds < 2000 ? milliseconds / 10 : milliseconds)
      return () => clearTimeout(timer)
    },
  }
}
