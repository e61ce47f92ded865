/** Who is measured: how each is started, what it is, and what it promises less than r3session does. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  bare,
  expressSession,
  oauthServer,
  r3session,
  redisSession,
  serviceKey,
  tutorial,
  wafer,
  wechatJssdk,
} from './protocols.mjs'
import { appid, secret } from './wechat/users.mjs'

export const root = fileURLToPath(new URL('..', import.meta.url))
const rivals = join(root, 'bench/rivals')
const python = '/usr/bin/python3'

/** `npm start`, word for word but for the program: the Node that runs this. */
const ourCommand = () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return scripts.start.split(' ').map((word, n) => (n === 0 && word === 'node' ? process.execPath : word))
}

/** A setting that the built service may not have yet is not set. */
const knownSettings = async (wanted) => {
  const { settings } = await import(join(root, 'dist/app/config/settings.js'))
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => name in settings))
}

const common = ({ port, wechat, authority }) => ({
  NODE_ENV: 'production',
  PORT: String(port),
  WECHAT_API: wechat,
  WECHAT_APPID: appid,
  WECHAT_SECRET: secret,
  // Node's word for whom else to trust, and that of Python's requests.
  ...(authority && { NODE_EXTRA_CA_CERTS: authority, REQUESTS_CA_BUNDLE: authority }),
})
const env = (settings) => ({ ...common(settings), STORE: settings.store, SERVICE_KEY: serviceKey })

const onNode = (name) => (settings) => ({
  command: [process.execPath, join(rivals, `${name}.mjs`)],
  env: env(settings),
  cwd: rivals,
})

/** better-sqlite3 13, which the rivals use, is built against Node-API 10. */
const needsSqlite = () =>
  Number(process.versions.napi) >= 10 ? undefined : 'its better-sqlite3 needs Node 22.14 or later'
const needsRedis = () => (existsSync('/usr/bin/redis-server') ? undefined : 'apt-get install redis-server')
const needsPython = () =>
  existsSync('/usr/bin/gunicorn')
    ? undefined
    : 'apt-get install gunicorn python3-flask python3-cachelib python3-pycryptodome python3-requests'

const ours = {
  name: 'r3session',
  title: ['r3session', 'r3session'],
  protocol: r3session,
  tellsUses: true,
  start: (settings) => ({
    command: ourCommand(),
    env: {
      ...common(settings),
      HOST: '127.0.0.1',
      SESSION_STORE: `sqlite:${settings.store}`,
      SERVICE_KEYS: `bench:${serviceKey}`,
      ...ours.more,
    },
    cwd: root,
  }),
  // All of the load comes from one address.
  prepare: async () => {
    ours.more = await knownSettings({ LIMIT_LOGINS: '0' })
  },
}

/** The same on Redis. `redis` has the runner start one for it, whose address is the store. */
const oursOnRedis = {
  ...ours,
  name: 'r3session-redis',
  title: ['r3session on Redis', 'r3session（Redis）'],
  tellsUses: false,
  redis: true,
  lacks: needsRedis,
  start: (settings) => {
    const { env, ...same } = ours.start(settings)
    const workers = settings.workers === undefined ? {} : { WORKERS: String(settings.workers) }
    const onRedis = { SESSION_STORE: settings.store, SESSION_SECRET: 'bench'.repeat(8) }
    return { ...same, env: { ...env, ...onRedis, ...workers } }
  },
}

export const contestants = [
  ours,
  oursOnRedis,
  {
    name: 'bare-http',
    title: ['bare `node:http`', '空的 `node:http`'],
    protocol: bare,
    start: onNode('bare-http'),
  },
  { name: 'bare-koa', title: ['bare Koa', '空的 Koa'], protocol: bare, start: onNode('bare-koa') },
  ...['http', 'fastify', 'koa'].map((name) => ({
    name: `${name}-sqlite`,
    title: Array(2)
      .fill({ http: '`node:http`', fastify: 'Fastify', koa: 'Koa, got' }[name])
      .map((one) => `${one} + SQLite`),
    protocol: r3session,
    tellsUses: true,
    lacks: needsSqlite,
    start: onNode(`${name}-sqlite`),
  })),
  {
    name: 'koa-day',
    title: ['Koa, written in a day', '一天写成的 Koa'],
    protocol: r3session,
    tellsUses: true,
    lacks: needsSqlite,
    start: onNode('koa-day'),
  },
  {
    name: 'koa-redis-session',
    title: ['Koa, ioredis + sessions', 'Koa、ioredis + 会话'],
    protocol: redisSession,
    redis: true,
    // What it is held against.
    beside: oursOnRedis.name,
    lacks: needsRedis,
    start: onNode('koa-redis-session'),
  },
  { name: 'wafer', title: Array(2).fill('`wafer-node-session`'), protocol: wafer, start: onNode('wafer') },
  {
    name: 'wechat-jssdk',
    title: Array(2).fill('Express + `wechat-jssdk`'),
    protocol: wechatJssdk,
    start: onNode('wechat-jssdk'),
  },
  {
    name: 'express-session',
    title: Array(2).fill('Express + `express-session`'),
    protocol: expressSession,
    lacks: needsSqlite,
    start: onNode('express-session'),
  },
  {
    name: 'oidc-provider',
    title: Array(2).fill('`oidc-provider` + SQLite'),
    protocol: oauthServer,
    // The login is the bench's.
    only: ['introspect'],
    lacks: needsSqlite,
    start: onNode('oidc-provider'),
  },
  {
    name: 'flask',
    title: ["the tutorial's Flask", '教程的 Flask'],
    protocol: tutorial,
    lacks: needsPython,
    start: (settings) => ({
      command: [
        ...[python, '-m', 'gunicorn', '--worker-class', 'gthread', '--workers', '1', '--threads', '16'],
        ...['--keep-alive', '60', '--timeout', '600', '--log-level', 'warning'],
        ...['--bind', `127.0.0.1:${settings.port}`, 'app:app'],
      ],
      env: { ...env(settings), PYTHONDONTWRITEBYTECODE: '1' },
      cwd: join(rivals, 'flask'),
    }),
  },
  {
    name: 'got-alone',
    title: ['got alone, no server', '仅 got，没有服务器'],
    protocol: { asks: {} },
    loop: '../rivals/got-alone.mjs',
    env,
  },
]

/** Only for comparing starts. */
export const bareKoaWithSqlite = {
  name: 'bare-koa-sqlite',
  title: ['bare Koa, a SQLite file open', '空的 Koa，打开一个 SQLite 文件'],
  protocol: bare,
  lacks: needsSqlite,
  start: onNode('bare-koa-sqlite'),
}
