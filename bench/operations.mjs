/**
 * What is measured. `half` is the rival whose half rate the times are taken at; `inFlight` is how many ask at once.
 * `cold` asks once for each of many sessions that were last used more than a minute ago.
 */
export const operations = [
  {
    name: 'verify-hot',
    kind: 'session',
    asks: 'verify',
    half: 'bare-koa',
    title: ['Verify, hot', '验证会话（热）'],
    what: ['`GET /v1/auth`, 500 sessions in use', '`GET /v1/auth`，500 个使用中的会话'],
  },
  {
    name: 'verify-cold',
    kind: 'cold',
    asks: 'verify',
    half: 'fastify-sqlite',
    title: ['Verify, cold', '验证会话（冷）'],
    what: [
      '`GET /v1/auth`, 20,000 sessions, each for the first time in more than a minute',
      '`GET /v1/auth`，20,000 个会话，每个都是一分多钟以来首次使用',
    ],
  },
  {
    name: 'introspect',
    kind: 'session',
    asks: 'introspect',
    half: 'bare-koa',
    title: ['Introspect', '查询令牌'],
    what: ['`POST /v1/introspect`, 500 sessions', '`POST /v1/introspect`，500 个会话'],
  },
  {
    name: 'session',
    kind: 'session',
    asks: 'session',
    half: 'bare-koa',
    title: ['Session', '读取会话'],
    what: ['`GET /v1/session`, 500 sessions', '`GET /v1/session`，500 个会话'],
  },
  {
    name: 'login',
    kind: 'login',
    asks: 'login',
    half: 'fastify-sqlite',
    title: ['Log in', '登录'],
    what: [
      '`POST /v1/login`, each with a code and a user of its own',
      '`POST /v1/login`，每次都是新的 code 和用户',
    ],
  },
  {
    name: 'decrypt',
    kind: 'session',
    asks: 'decrypt',
    half: 'fastify-sqlite',
    title: ['Decrypt', '解密'],
    what: [
      '`POST /v1/decrypt`, what `wx.getUserInfo` sealed for 500 users',
      '`POST /v1/decrypt`，500 个用户的 `wx.getUserInfo` 密文',
    ],
  },
]

/** Measured one by one, or not by the second: these have phases of their own. */
export const otherPhases = ['login-tls', 'redis', 'start']
export const names = [...operations.map(({ name }) => name), ...otherPhases]
