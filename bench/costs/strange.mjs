/** Odd requests of further kinds: headers that somebody reads, methods, framing, and what keys and sessions open. */
import { BIG, form, get, json, many, post, request, serviceKey, to } from './parts.mjs'

const chunked = 'Transfer-Encoding: chunked'
const basic = (text) => `Authorization: Basic ${Buffer.from(text).toString('base64')}`

/** @param session an r3session that lives */
export function strangeCases(session) {
  const key = `Authorization: Bearer ${serviceKey}`
  const owner = `Authorization: Bearer ${session}`
  const introspect = (...headers) => request('POST /v1/introspect', [form, ...headers], 'token=x')
  const inChunks = (path, body, ...headers) => request(`POST ${path}`, [json, chunked, ...headers], body)
  const sealed = (fields) => post('/v1/decrypt', JSON.stringify({ iv: 'x', ...fields }), owner)
  return [
    {
      name: 'GET /v1/session, headers',
      plain: get('/v1/session'),
      odd: [
        ['190 times Accept-Language', get('/v1/session', ...many(`Accept-Language: ${to(60, 'a,')}`, 190))],
        ['190 times X-Forwarded-For', get('/v1/session', ...many('X-Forwarded-For: 1.2.3.4, 2.3.4.5', 190))],
        ['190 times Cookie', get('/v1/session', ...many(`Cookie: ${to(60, 'a=b; ')}`, 190))],
        ['190 times Authorization', get('/v1/session', ...many(`Authorization: Bearer ${to(60, 'a')}`, 190))],
        ['190 times X-Request-Id', get('/v1/session', ...many('X-Request-Id: 0123456789abcdef', 190))],
        ['X-Forwarded-For of 15 KB, commas', get('/v1/session', `X-Forwarded-For: ${to(15_000, ',')}`)],
        ['X-Forwarded-For of 15 KB, IPv6', get('/v1/session', `X-Forwarded-For: ${to(15_000, '[::1]:1, ')}`)],
        ['If-None-Match of 15 KB', get('/v1/session', `If-None-Match: ${to(15_000, 'W/"a", ')}`)],
        ['Range of 15 KB', get('/v1/session', `Range: bytes=${to(15_000, '0-0,')}`)],
        ['TE of 15 KB', get('/v1/session', `TE: ${to(15_000, 'trailers, ')}`)],
        ['Forwarded of 15 KB', get('/v1/session', `Forwarded: ${to(15_000, 'for=1.2.3.4;by=x, ')}`)],
        [
          'tracestate of 15 KB',
          get('/v1/session', `tracestate: ${to(15_000, 'a=b,')}`, 'traceparent: 00-0-0-0'),
        ],
        ['Upgrade of 15 KB', get('/v1/session', 'Connection: Upgrade', `Upgrade: ${to(15_000, 'h2c, ')}`)],
        ['Accept of 15 KB, qualities', get('/v1/session', `Accept: ${to(15_000, '*/*;q=0.1,')}`)],
        ['Authorization of 15 KB, Basic', get('/v1/session', `Authorization: Basic ${to(15_000, 'QUJD')}`)],
        ['name of a header of 15 KB', get('/v1/session', `${to(15_000, 'a')}: b`)],
        ['header of 15 KB, bytes above 127', get('/v1/session', `a: ${to(15_000, '\xe4\xb8\xad')}`)],
        ['header of 15 KB, tabs', get('/v1/session', `a: b${to(15_000, '\t')}c`)],
      ],
    },
    {
      name: 'any path, methods and framing',
      plain: request('PUT /v1/session'),
      odd: [
        ['PROPFIND', request('PROPFIND /v1/session')],
        ['OPTIONS *', request('OPTIONS *')],
        ['HEAD', request('HEAD /v1/session')],
        ['a method that is none', request(`${to(15_000, 'A')} /v1/session`)],
        ['CONNECT', request('CONNECT x:1')],
        ['HTTP/1.0', Buffer.from('GET /v1/session HTTP/1.0\r\n\r\n')],
        ['HTTP/9.9', Buffer.from('GET /v1/session HTTP/9.9\r\n\r\n')],
        ['no Host', Buffer.from('GET /v1/session HTTP/1.1\r\n\r\n')],
        ['two Hosts', get('/v1/session', 'Host: y')],
        ['two Content-Lengths', get('/v1/session', 'Content-Length: 0', 'Content-Length: 0')],
        ['lines folded', get('/v1/session', `a: b${to(3000, '\r\n c')}`)],
        ['no HTTP', Buffer.from(to(BIG, 'x'))],
        ['TLS', Buffer.from(`16030100${to(2000, 'ab')}`, 'hex')],
        ['HTTP/2', Buffer.from(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${to(2000, '\0')}`)],
        ['path of 1 KB, slashes', get(`/${to(1000, '/')}`)],
        ['path of 1 KB, dots', get(to(1000, '/..'))],
        ['path of 1 KB, one letter a part', get(to(1000, '/a'))],
        ['path of 1 KB, ids', get(`/v1/users${to(1000, '/sessions')}`)],
        ['path of 1 KB, bytes above 127', get(`/v1/users/${to(900, '\xff')}/sessions`)],
        ['path of 15 KB, question marks', get(`/v1/session${to(15_000, '?')}`)],
        ['path of 15 KB, semicolons', get(`/v1/session${to(15_000, ';a=b')}`)],
      ],
    },
    {
      name: 'POST /v1/login, framing',
      plain: post('/v1/login', '{}'),
      genuine: post('/v1/login', `{"code":"${to(16_000, 'A')}"}`),
      odd: [
        ['Expect: 100-continue', post('/v1/login', '{}', 'Expect: 100-continue')],
        ['Content-Encoding of 15 KB', post('/v1/login', '{}', `Content-Encoding: ${to(15_000, 'gzip, ')}`)],
        [
          'multipart, boundary of 15 KB',
          request('POST /v1/login', [`Content-Type: multipart/form-data; boundary=${to(15_000, 'a')}`], '{}'),
        ],
        [
          'multipart of 16 KB',
          request(
            'POST /v1/login',
            ['Content-Type: multipart/form-data; boundary=a'],
            to(16_000, '--a\r\n\r\n'),
          ),
        ],
        ['trailer of 15 KB', inChunks('/v1/login', `2\r\n{}\r\n0\r\na: ${to(15_000, 'b')}\r\n\r\n`)],
        ['trailer of 70 KB', inChunks('/v1/login', `2\r\n{}\r\n0\r\na: ${to(BIG, 'b')}\r\n\r\n`)],
        ['190 trailers', inChunks('/v1/login', `2\r\n{}\r\n0\r\n${to(1140, 'a: b\r\n')}\r\n`)],
        ['1,900 trailers', inChunks('/v1/login', `2\r\n{}\r\n0\r\n${to(11_400, 'a: b\r\n')}\r\n`)],
        ['chunk extension of 15 KB', inChunks('/v1/login', `2;a=${to(15_000, 'b')}\r\n{}\r\n0\r\n\r\n`)],
        [
          'chunk extensions, 15 KB of them',
          inChunks('/v1/login', `2${to(15_000, ';a=b')}\r\n{}\r\n0\r\n\r\n`),
        ],
        ['1-byte chunks with extensions', inChunks('/v1/login', `${to(64_000, '1;a=b\r\nx\r\n')}0\r\n\r\n`)],
        [
          '64-byte chunks',
          inChunks('/v1/login', `${to(17_500, `40\r\n${to(64, ' ')}\r\n`)}2\r\n{}\r\n0\r\n\r\n`),
        ],
        ['chunk size that is none', inChunks('/v1/login', `${to(16_000, 'f')}\r\n{}\r\n0\r\n\r\n`)],
        ['leading zeros in a chunk size', inChunks('/v1/login', `${to(15_000, '0')}2\r\n{}\r\n0\r\n\r\n`)],
        [
          'Idempotency-Key of 200 characters, odd',
          post('/v1/login', '{"code":"\\u0000"}', `Idempotency-Key: ${to(200, '{')}`),
        ],
      ],
    },
    {
      name: 'POST /v1/login, JSON',
      plain: post('/v1/login', '{"code":1}'),
      genuine: post('/v1/login', `{"code":"${to(16_000, 'A')}"}`),
      odd: [
        ['JSON of 16 KB, one name over and over', post('/v1/login', `{${to(15_900, '"code":"",')}"a":1}`)],
        ['JSON of 16 KB, quotes escaped', post('/v1/login', `{"code":"${to(16_000, '\\"')}"}`)],
        ['JSON of 16 KB, backslashes', post('/v1/login', `{"code":"${to(16_000, '\\\\')}"}`)],
        ['JSON of 16 KB, half surrogates', post('/v1/login', `{"code":"${to(16_000, '\\ud800')}"}`)],
        ['JSON of 16 KB, zeros', post('/v1/login', `{"code":"${to(16_000, '\\u0000')}"}`)],
        ['JSON of 16 KB, long fractions', post('/v1/login', `{"code":0.${to(16_000, '123456789')}e-308}`)],
        [
          'JSON of 16 KB, 300 long numbers',
          post('/v1/login', `{"a":[${to(15_900, '1.2345678901234567890123456789012345678901e-300,')}1]}`),
        ],
        ['JSON of 16 KB, blanks between', post('/v1/login', `{${to(15_900, '\n')}"code"${to(50, '\t')}:1}`)],
        [
          'JSON of 16 KB, the name __proto__',
          post('/v1/login', `{${to(8000, '"__proto__":{"code":"a"},')}"a":1}`),
        ],
        [
          'JSON of 16 KB, names of numbers',
          post('/v1/login', `{${Array.from({ length: 240 }, (_, n) => `"${n * 4_000_000}":1`).join()}}`),
        ],
        ['JSON of 16 KB, unclosed text', post('/v1/login', `{"code":"${to(16_000, 'a')}`)],
        ['JSON of 16 KB, closing brackets', post('/v1/login', to(16_000, ']'))],
        ['JSON of 16 KB, byte order marks', post('/v1/login', `${to(16_000, '\xef\xbb\xbf')}{}`)],
        [
          'phoneCode and appid of 8 KB',
          post('/v1/login', `{"code":1,"phoneCode":"${to(8000, 'a')}","appid":"${to(8000, 'a')}"}`),
        ],
      ],
    },
    {
      name: 'POST /v1/introspect, Basic',
      plain: introspect(basic('a:b')),
      odd: [
        ['Basic of 11 KB, escapes', introspect(basic(`a:${to(11_000, '%41')}`))],
        ['Basic of 11 KB, broken escapes', introspect(basic(`a:${to(11_000, '%ff')}`))],
        ['Basic of 11 KB, plus signs', introspect(basic(`a:${to(11_000, '+')}`))],
        ['Basic of 11 KB, colons', introspect(basic(to(11_000, ':')))],
        ['Basic of 11 KB, no UTF-8', introspect(`Authorization: Basic ${to(15_000, '////')}`)],
        ['Basic of 15 KB, no base64', introspect(`Authorization: Basic ${to(15_000, 'A===')}`)],
        ['Basic of 15 KB, blanks', introspect(`Authorization: Basic ${to(15_000, ' ')}a`)],
        ['Bearer of 15 KB', introspect(`Authorization: Bearer ${to(15_000, 'a')}`)],
      ],
    },
    {
      name: 'with a service key',
      plain: request('POST /v1/introspect', [form, key], 'a=x'),
      genuine: request('POST /v1/introspect', [form, key], `token=${to(16_000, 'a')}`),
      odd: [
        [
          'introspect, token of 16 KB',
          request('POST /v1/introspect', [form, key], `token=${to(16_000, 'a')}`),
        ],
        ['introspect, escapes', request('POST /v1/introspect', [form, key], `token=${to(16_000, '%41')}`)],
        ['introspect, 99 fields', request('POST /v1/introspect', [form, key], to(800, 'token=a&'))],
        ['introspect, JSON of 16 KB', post('/v1/introspect', `{"token":"${to(16_000, '\\u0041')}"}`, key)],
        ['sessions, openid of 1 KB', get(`/v1/users/${to(900, 'a')}/sessions`, key)],
        ['sessions, openid of escapes', get(`/v1/users/${to(900, '%41')}/sessions`, key)],
        ['sessions, appid of 15 KB', get(`/v1/users/a/sessions?appid=${to(15_000, '%41')}`, key)],
        ['access-token, 15 KB of names', get(`/v1/access-token?${to(15_000, 'appid=a&')}`, key)],
        ['sign, data of 16 KB', post('/v1/sign', `{"openid":"a","data":"${to(16_000, 'a')}"}`, key)],
        ['sign, openid of 16 KB', post('/v1/sign', `{"openid":"${to(16_000, 'a')}","data":"a"}`, key)],
      ],
    },
    {
      name: 'POST /v1/decrypt, with a session',
      plain: sealed({ encryptedData: 'AAAA' }),
      genuine: sealed({ iv: to(24, 'A'), encryptedData: to(64_000, 'A') }),
      odd: [
        ['encryptedData of 64 KB', sealed({ iv: `${to(22, 'A')}==`, encryptedData: to(64_000, 'AAAA') })],
        [
          'encryptedData of 64 KB, line breaks',
          sealed({ iv: `${to(22, 'A')}==`, encryptedData: to(32_000, 'A\n') }),
        ],
        [
          'encryptedData of 64 KB, blanks',
          sealed({ iv: `${to(22, 'A')}==`, encryptedData: to(64_000, ' ') }),
        ],
        [
          'encryptedData of 64 KB, no base64',
          sealed({ iv: `${to(22, 'A')}==`, encryptedData: to(64_000, '-_') }),
        ],
        ['iv of 64 KB', sealed({ iv: to(64_000, 'A'), encryptedData: 'AAAA' })],
        [
          'rawData of 64 KB',
          sealed({ encryptedData: 'AAAA', rawData: to(64_000, 'a'), signature: to(40, 'a') }),
        ],
        ['signature of 64 KB', sealed({ encryptedData: 'AAAA', rawData: 'a', signature: to(64_000, 'a') })],
      ],
    },
    {
      name: 'GET /openapi.json',
      plain: get('/openapi.json'),
      odd: [
        [
          'Host of 250 characters',
          Buffer.from(`GET /openapi.json HTTP/1.1\r\nHost: ${to(250, 'a.')}\r\n\r\n`),
        ],
        ['X-Forwarded-Host of 15 KB', get('/openapi.json', `X-Forwarded-Host: ${to(15_000, 'a, ')}`)],
        ['X-Forwarded-Proto of 15 KB', get('/openapi.json', `X-Forwarded-Proto: ${to(15_000, 'https, ')}`)],
        ['If-None-Match of 15 KB', get('/openapi.json', `If-None-Match: ${to(15_000, '"a", ')}`)],
        ['query of 15 KB', get(`/openapi.json?${to(15_000, 'a&')}`)],
      ],
    },
    {
      name: 'GET /docs',
      plain: get('/docs'),
      odd: [
        ['in Chinese', get('/docs', 'Accept-Language: zh')],
        ['Accept-Language of 15 KB', get('/docs', `Accept-Language: ${to(15_000, 'a;q=0.1,')}`)],
        ['X-Forwarded-Host of 15 KB', get('/docs', `X-Forwarded-Host: ${to(15_000, 'a, ')}`)],
        ['query of 15 KB', get(`/docs?lang=${to(15_000, '%41')}`)],
      ],
    },
    {
      name: 'POST /sandbox/login',
      plain: post('/sandbox/login', '{"user":1}'),
      genuine: post('/sandbox/login', `{"user":1,"a":"${to(16_000, 'A')}"}`),
      odd: [
        ['user of 16 KB', post('/sandbox/login', `{"user":"${to(16_000, 'a')}"}`)],
        ['user of 16 KB, escapes', post('/sandbox/login', `{"user":"${to(16_000, '\\u0041')}"}`)],
      ],
    },
  ]
}
