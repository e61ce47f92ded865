/** What is sent, kin by kin: a plain request, and odd ones for the same route. */
import {
  BIG,
  bearer,
  chunks,
  distinct,
  form,
  get,
  json,
  keys,
  many,
  names,
  post,
  request,
  to,
  token,
} from './parts.mjs'
import { strangeCases } from './strange.mjs'

/**
 * For each route a plain request, odd ones, and a genuine one of the size of the larger ones.
 *
 * @param session an r3session that lives
 */
export function cases(session) {
  const plainGet = get('/v1/session')
  const plainPost = post('/v1/login', '{}')
  const tutorial = get('/user/getuserinfo?code=%00')
  const union = post('/user/getuserunionid', '{}')
  return [
    {
      name: 'GET /v1/session',
      plain: plainGet,
      odd: [
        ['Accept-Language of 70 KB, commas', get('/v1/session', `Accept-Language: ${to(BIG, 'a,')}`)],
        ['Accept-Language of 15 KB, commas', get('/v1/session', `Accept-Language: ${to(15_000, 'a,')}`)],
        [
          'Accept-Language of 15 KB, qualities',
          get('/v1/session', `Accept-Language: ${to(15_000, 'a;q=0.1,')}`),
        ],
        ['Accept-Language of 15 KB, semicolons', get('/v1/session', `Accept-Language: ${to(15_000, ';')}`)],
        ['Accept-Language of 15 KB, blanks', get('/v1/session', `Accept-Language: a${to(15_000, ' ')}a`)],
        ['query of 70 KB, one name over and over', get(`/v1/session?${names(BIG)}`)],
        ['query of 15 KB, one name over and over', get(`/v1/session?${names(15_000)}`)],
        ['query of 70 KB, distinct names', get(`/v1/session?${distinct(BIG)}`)],
        ['6,000 headers', get('/v1/session', ...many('a: b', 6000))],
        ['1,900 headers', get('/v1/session', ...many('a: b', 1900))],
        ['90 headers', get('/v1/session', ...many('a: b', 90))],
        ['1,900 distinct headers', get('/v1/session', ...Array.from({ length: 1900 }, (_, n) => `a${n}: b`))],
        ['path of 70 KB', get(`/${to(BIG, 'a')}`)],
        ['path of 15 KB', get(`/${to(15_000, 'a')}`)],
        ['path of 15 KB, slashes', get(`/${to(15_000, '/')}`)],
        ['path of 15 KB, under users', get(`/v1/users/${to(15_000, 'a')}/sessions`)],
        ['path of 15 KB, escapes', get(`/v1/users/${to(15_000, '%41')}/sessions`)],
        ['path of 15 KB, broken escapes', get(`/v1/users/${to(15_000, '%ff')}/sessions`)],
        ['whole URL of 15 KB', get(`http://${to(15_000, 'a.')}/v1/session`)],
        ['path of 15 KB, number signs', get(`/v1/users/${to(15_000, '#')}/sessions`)],
        ['whole URL of 70 KB, quotes', get(`http://a/${to(BIG, '"')}`)],
        ['whole URL of 15 KB, quotes', get(`http://a/${to(15_000, '"')}`)],
        ['whole URL of 2 KB, quotes', get(`http://a/${to(2000, '"')}`)],
        ['path of 1 KB, escapes', get(`/v1/users/${to(990, '%41')}/sessions`)],
        ['path of 1 KB, broken escapes', get(`/v1/users/${to(990, '%ff')}/sessions`)],
        ['Authorization of 70 KB', get('/v1/session', `Authorization: Bearer ${to(BIG, 'a')}`)],
        ['Authorization of 15 KB', get('/v1/session', `Authorization: Bearer ${to(15_000, 'a')}`)],
        ['Authorization of 15 KB, blanks', get('/v1/session', `Authorization: Bearer a${to(15_000, ' ')}a`)],
        [
          'Authorization of 15 KB, letters and blanks',
          get('/v1/session', `Authorization: Bearer ${to(15_000, 'a ')}a`),
        ],
        [
          'Authorization of 15 KB, blanks first',
          get('/v1/session', `Authorization: Bearer ${to(15_000, ' ')}a`),
        ],
        ['cookie of 70 KB', get('/v1/session', `Cookie: ${to(BIG, 'a=b; ')}`)],
        ['cookie of 15 KB', get('/v1/session', `Cookie: ${to(15_000, 'a=b; ')}`)],
        ['X-Forwarded-For of 15 KB', get('/v1/session', `X-Forwarded-For: ${to(15_000, '1.2.3.4, ')}`)],
        ['X-Request-Id of 15 KB', get('/v1/session', `X-Request-Id: ${to(15_000, 'a')}`)],
        ['Accept of 15 KB', get('/v1/session', `Accept: ${to(15_000, 'a/b,')}`)],
        ['1,000 times Accept', get('/v1/session', ...many('Accept: a/b', 1000))],
        ['Host of 15 KB', Buffer.from(`GET /v1/session HTTP/1.1\r\nHost: ${to(15_000, 'a.')}\r\n\r\n`)],
        ['Connection of 15 KB', get('/v1/session', `Connection: ${to(15_000, 'a,')}`)],
        ['Expect of 15 KB', get('/v1/session', `Expect: ${to(15_000, 'a,')}`)],
      ],
    },
    {
      name: 'GET /v1/auth',
      plain: get('/v1/auth/a'),
      odd: [
        ['path of 70 KB below it', get(`/v1/auth/${to(BIG, 'a')}`)],
        ['path of 70 KB below it, slashes', get(`/v1/auth/${to(BIG, '/')}`)],
        ['path of 70 KB below it, dots', get(`/v1/auth/${to(BIG, './a')}`)],
        ['path of 70 KB below it, escaped dots', get(`/v1/auth/${to(BIG, '%2e')}`)],
        ['path of 70 KB below it, escaped slashes', get(`/v1/auth/${to(BIG, '%2f..a')}`)],
        ['headers of 70 KB', get('/v1/auth/a', `Cookie: ${to(BIG, 'a=b; ')}`)],
        ['1,900 headers', get('/v1/auth/a', ...many('a: b', 1900))],
      ],
    },
    {
      name: 'GET /v1/access-token, no key',
      plain: get('/v1/access-token'),
      odd: [
        ['query of 15 KB', get(`/v1/access-token?${names(15_000)}`)],
        ['Authorization of 15 KB', get('/v1/access-token', `Authorization: Bearer ${to(15_000, 'a')}`)],
      ],
    },
    {
      name: 'GET /sandbox/calls, bad',
      plain: get('/sandbox/calls?after=x'),
      odd: [
        ['query of 15 KB, one name', get(`/sandbox/calls?after=x&${names(15_000)}`)],
        ['query of 15 KB, distinct names', get(`/sandbox/calls?after=x&${distinct(15_000)}`)],
        ['query of 15 KB, escapes', get(`/sandbox/calls?after=${to(15_000, '%41')}`)],
      ],
    },
    {
      name: 'GET /user/getuserinfo',
      plain: tutorial,
      genuine: get(`/user/getuserinfo?code=${to(15_000, 'A')}`),
      odd: [
        ['query of 70 KB, one name', get(`/user/getuserinfo?${names(BIG)}`)],
        ['query of 70 KB, distinct names', get(`/user/getuserinfo?${distinct(BIG)}`)],
        ['query of 70 KB, escapes', get(`/user/getuserinfo?code=${to(BIG, '%41')}`)],
        ['Accept-Language of 70 KB', get('/user/getuserinfo?code=%00', `Accept-Language: ${to(BIG, 'a,')}`)],
      ],
    },
    {
      name: 'GET /user/getuserunionid',
      plain: get('/user/getuserunionid?iv=x'),
      genuine: get(`/user/getuserunionid?iv=${to(BIG, 'A')}`),
      odd: [
        ['query of 70 KB, one value', get(`/user/getuserunionid?iv=${to(BIG, 'A')}`)],
        ['query of 70 KB, one name', get(`/user/getuserunionid?${names(BIG)}`)],
        ['query of 70 KB, distinct names', get(`/user/getuserunionid?${distinct(BIG)}`)],
        ['query of 70 KB, escapes', get(`/user/getuserunionid?iv=${to(BIG, '%41')}`)],
        ['query of 70 KB, broken escapes', get(`/user/getuserunionid?iv=${to(BIG, '%ff')}`)],
        ['query of 70 KB, plus signs', get(`/user/getuserunionid?iv=${to(BIG, '+')}`)],
        ['query of 70 KB, number signs', get(`/user/getuserunionid?iv=${to(BIG, '#')}`)],
        ['query of 70 KB, one number sign', get(`/user/getuserunionid?iv=${to(BIG, '"')}#`)],
        ['query of 70 KB, quotes', get(`/user/getuserunionid?iv=${to(BIG, '"')}`)],
        ['query of 70 KB, backslashes', get(`/user/getuserunionid?iv=${to(BIG, '\\')}`)],
        ['query of 70 KB, bytes above 127', get(`/user/getuserunionid?iv=${to(BIG, '\xff')}`)],
        ['query of 70 KB, no-break spaces', get(`/user/getuserunionid?iv=${to(BIG, '\xa0')}`)],
        ['query of 70 KB, Chinese', get(`/user/getuserunionid?iv=${to(BIG, '\xe4\xb8\xad')}`)],
        [
          'query of 70 KB, plus signs in the data',
          get(`/user/getuserunionid?r3session=${token}&iv=AAAA&encryptedData=${to(BIG, '+')}`),
        ],
        [
          'query of 70 KB, escaped line breaks in the data',
          get(`/user/getuserunionid?r3session=${token}&iv=AAAA&encryptedData=${to(BIG, '%0A+')}`),
        ],
        ['query of 70 KB, equals signs', get(`/user/getuserunionid?iv=${to(BIG, '=')}`)],
        ['headers of 70 KB', get('/user/getuserunionid?iv=x', `Cookie: ${to(BIG, 'a=b; ')}`)],
      ],
    },
    {
      name: 'POST /v1/login',
      plain: plainPost,
      genuine: post('/v1/login', `{"code":"${to(16_000, 'A')}"}`),
      odd: [
        ['Content-Type of 15 KB', request('POST /v1/login', [`Content-Type: ${to(15_000, 'a')}`], '{}')],
        [
          'Content-Type of 15 KB, parameters',
          request('POST /v1/login', [`${json};${to(15_000, ' a=b;')}`], '{}'),
        ],
        ['Content-Type of 15 KB, blanks', request('POST /v1/login', [`${json}${to(15_000, ' ')};a`], '{}')],
        [
          'Content-Type of 15 KB, quotes',
          request('POST /v1/login', [`${json}; a="${to(15_000, '\\"')}`], '{}'),
        ],
        ['Idempotency-Key of 15 KB', post('/v1/login', '{}', `Idempotency-Key: ${to(15_000, 'a')}`)],
        ['JSON of 16 KB, arrays in arrays', post('/v1/login', `{"a":${to(8000, '[')}${to(8000, ']')}}`)],
        ['JSON of 16 KB, objects in objects', post('/v1/login', `${to(12_500, '{"a":')}1${to(2500, '}')}`)],
        ['JSON of 16 KB, one long key', post('/v1/login', `{"${to(16_000, 'a')}":1}`)],
        ['JSON of 16 KB, many keys', post('/v1/login', keys(15_000).replace(/,"?[^,]*$/, '}'))],
        ['JSON of 16 KB, many numbers', post('/v1/login', `{"a":[${to(16_000, '1,')}1]}`)],
        ['JSON of 16 KB, many empty objects', post('/v1/login', `{"a":[${to(16_000, '{},')}1]}`)],
        ['JSON of 16 KB, long number', post('/v1/login', `{"a":${to(16_000, '9')}}`)],
        ['JSON of 16 KB, blanks', post('/v1/login', `${to(16_000, ' ')}{}`)],
        ['JSON of 16 KB, escapes', post('/v1/login', `{"code":"${to(16_000, '\\u0041')}"}`)],
        ['body of 16 KB, no JSON', post('/v1/login', to(16_000, 'x'))],
        ['body of 16 KB, no UTF-8', post('/v1/login', to(16_000, '\xff'))],
        ['body of 16 KB, Chinese', post('/v1/login', to(16_000, '\xe4\xb8\xad'))],
        [
          'body of 16 KB in 1-byte chunks',
          request('POST /v1/login', [json, 'Transfer-Encoding: chunked'], chunks(16_000)),
        ],
        ['body of 200 KB, too large', post('/v1/login', to(200_000, 'x'))],
      ],
    },
    {
      name: 'POST /user/getuserinfo',
      plain: request('POST /user/getuserinfo', [form], 'code=%00'),
      genuine: request('POST /user/getuserinfo', [form], `code=${to(16_000, 'A')}`),
      odd: [
        ['form of 16 KB, one name', request('POST /user/getuserinfo', [form], `code=&${names(16_000)}`)],
        [
          'form of 16 KB, distinct names',
          request('POST /user/getuserinfo', [form], `code=&${distinct(16_000)}`),
        ],
        ['form of 16 KB, escapes', request('POST /user/getuserinfo', [form], `code=${to(16_000, '%41')}`)],
        ['text of 16 KB, blanks', request('POST /user/getuserinfo', [form], `a${to(16_000, ' ')}a`)],
        ['text of 16 KB, ampersands', request('POST /user/getuserinfo', [form], `${to(16_000, '&code')}`)],
        [
          'form of 16 KB in 1-byte chunks',
          request('POST /user/getuserinfo', [form, 'Transfer-Encoding: chunked'], chunks(16_000)),
        ],
      ],
    },
    {
      name: 'POST /user/getuserunionid',
      plain: union,
      genuine: post('/user/getuserunionid', `{"encryptedData":"${to(64_000, 'A')}","iv":"x"}`),
      odd: [
        [
          'JSON of 64 KB, arrays in arrays',
          post('/user/getuserunionid', `{"a":${to(32_000, '[')}${to(32_000, ']')}}`),
        ],
        ['JSON of 64 KB, many keys', post('/user/getuserunionid', keys(60_000).replace(/,"?[^,]*$/, '}'))],
        ['JSON of 64 KB, many numbers', post('/user/getuserunionid', `{"a":[${to(64_000, '1,')}1]}`)],
        ['JSON of 64 KB, one value', post('/user/getuserunionid', `{"iv":"${to(64_000, 'A')}"}`)],
        ['JSON of 64 KB, escapes', post('/user/getuserunionid', `{"iv":"${to(64_000, '\\u0041')}"}`)],
        ['form of 64 KB, distinct names', request('POST /user/getuserunionid', [form], distinct(64_000))],
        ['form of 64 KB, escapes', request('POST /user/getuserunionid', [form], `iv=${to(64_000, '%41')}`)],
        [
          'body of 64 KB in 1-byte chunks',
          request('POST /user/getuserunionid', [form, 'Transfer-Encoding: chunked'], chunks(64_000)),
        ],
      ],
    },
    {
      name: 'POST /v1/decrypt, unknown session',
      plain: post('/v1/decrypt', '{}', bearer),
      genuine: post('/v1/decrypt', `{"encryptedData":"${to(64_000, 'A')}","iv":"x"}`, bearer),
      odd: [
        [
          'JSON of 64 KB, arrays',
          post('/v1/decrypt', `{"encryptedData":${to(32_000, '[')}${to(32_000, ']')}}`, bearer),
        ],
        [
          'encryptedData of 64 KB',
          post('/v1/decrypt', `{"encryptedData":"${to(64_000, 'A')}","iv":"x"}`, bearer),
        ],
        ['JSON of 64 KB, many keys', post('/v1/decrypt', keys(60_000).replace(/,"?[^,]*$/, '}'), bearer)],
      ],
    },
    {
      name: 'POST /v1/introspect, no key',
      plain: request('POST /v1/introspect', [form], 'token=x'),
      odd: [['form of 16 KB, distinct names', request('POST /v1/introspect', [form], distinct(16_000))]],
    },
    ...strangeCases(session),
  ]
}
