import type { Config } from '../config/config.js'
import { placeOf } from '../config/store.js'

/** The settings in effect, for showing: of a secret nothing but that it is there. */
export function settingsShown(config: Config): readonly (readonly [name: string, value: string])[] {
  const seconds = (milliseconds: number) => String(milliseconds / 1000)
  const { apps, sessionSecrets, serviceKeys, trustedProxies, lifetime, limits } = config
  return [
    ['HOST', config.host],
    ['PORT', String(config.port)],
    ['WECHAT_APPID', apps.map(({ appid }) => appid).join(', ') || '-'],
    ['WECHAT_SECRET', apps.length > 0 ? '***' : '-'],
    ['WECHAT_API', config.wechatApi],
    ['WECHAT_TIMEOUT', String(config.wechatTimeout)],
    ['SESSION_STORE', `${config.store.kind === 'redis' ? '' : 'sqlite:'}${placeOf(config.store)}`],
    ['SESSION_TTL', seconds(lifetime.ttl)],
    ['SESSION_MAX_AGE', seconds(lifetime.maxAge)],
    ['SESSION_MAX_PER_USER', String(config.maxSessions)],
    ['SESSION_SECRET', sessionSecrets.map(() => '***').join(',') || '-'],
    ['OPEN_DATA_MAX_AGE', seconds(config.openDataMaxAge)],
    ['SERVICE_KEYS', [...serviceKeys.keys()].map((name) => `${name}:***`).join(',') || '-'],
    ['TRUST_PROXY', trustedProxies.rules.map((rule) => rule.replace('Subnet: ', '')).join(', ') || '-'],
    ['LIMIT_LOGINS', String(limits.logins)],
    ['LIMIT_DECRYPT_FAILURES', String(limits.decryptFailures)],
    ['LIMIT_KEY_FAILURES', String(limits.keyFailures)],
    ['WORKERS', String(config.workers)],
    ['METRICS_PORT', String(config.metricsPort ?? '-')],
    ['LOG_FORMAT', config.logFormat ?? '-'],
    ['LOG_LEVEL', config.logLevel],
  ]
}
