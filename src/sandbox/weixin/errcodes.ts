import { type Environment, inSeconds } from '../state/environment.js'

/** WeChat's own words for the errcodes the sandbox gives or is likely to be asked for (WeChat docs, global return codes). */
const errmsgs = new Map([
  [-1, 'system error'],
  [1001, 'invalid argument'],
  [1005, 'plugin appid does not match'],
  [1007, 'openpid not found'],
  [1022, 'json parse error'],
  [40001, 'invalid credential, access_token is invalid or not latest'],
  [40002, 'invalid grant_type'],
  [40003, 'invalid openid'],
  [40013, 'invalid appid'],
  [40014, 'invalid access_token'],
  [40029, 'invalid code'],
  [40066, 'invalid url'],
  [40097, 'invalid args'],
  [40125, 'invalid appsecret, view more at http://t.cn/RAEkdVq'],
  [40163, 'code been used'],
  [40164, 'invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist'],
  [40226, 'code blocked'],
  [40243, 'appsecret is frozen'],
  [41001, 'access_token missing'],
  [41002, 'appid missing'],
  [41004, 'appsecret missing'],
  [41008, 'missing code'],
  [42001, 'access_token expired'],
  [43001, 'require GET method'],
  [43002, 'require POST method'],
  [44002, 'empty post data'],
  [45009, 'reach max api daily quota limit'],
  [45011, 'api minute-quota reach limit, must slower, retry next minute'],
  [47001, 'data format error'],
  [48001, 'api unauthorized'],
  [50002, 'user limited'],
  [87007, 'session_key is not existed or expired'],
  [87008, 'invalid sig_method'],
  [87009, 'invalid signature'],
  [89002, 'open not exists'],
  [89300, 'invalid trade'],
  [89503, 'this call needs the confirmation of an administrator'],
  [268490001, 'invalid openid'],
  [268490002, 'invalid parameter'],
  [268490003, 'invalid signature'],
  [268490004, 'done before'],
  [268490006, 'balance not enough'],
  [268490009, 'session_key is not existed or expired, login again'],
])

/** A refusal as WeChat words it. The rid begins with the time of the call in hex; clients must not match the text. */
export function errorAnswer(errcode: number, { clock, randomBytes }: Environment) {
  const hex = () => randomBytes(4).toString('hex')
  const rid = `${inSeconds(clock()).toString(16)}-${hex()}-${hex()}`
  return { errcode, errmsg: `${errmsgs.get(errcode) ?? 'error'} rid: ${rid}` }
}
