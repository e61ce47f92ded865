/**
 * Why each error comes about, and what helps: shown by /docs, and word for word in docs/errors.md and its Chinese page,
 * which test/docs.test.ts compares.
 */
import type { ErrorCode } from '../../domain/errors.js'
import type { Text } from '../config/language.js'

export interface ErrorHelp {
  readonly cause: Text
  readonly cure: Text
}

export const errorHelp: Record<ErrorCode, ErrorHelp> = {
  invalid_request: help(
    'The body is no JSON object, not UTF-8 or too deep, or a field is missing or of the wrong kind.',
    '`detail` names the field. Pass the whole result of the `wx` function; further fields do no harm.',
    '请求体不是 JSON 对象、不是 UTF-8、嵌套过深，或者缺少字段、字段类型不对。',
    '`detail` 会指出是哪个字段。直接把 `wx` 接口返回的整个对象发过来即可，多余的字段没有影响。',
  ),
  body_too_large: help(
    'The body has more than 16 KiB (64 KiB where encryptedData goes), or URL and headers have.',
    'Send what the route takes and nothing beside it: no pictures, no list of users.',
    '请求体超过 16 KiB（接收 encryptedData 的接口为 64 KiB），或 URL 与请求头过长。',
    '只发送接口需要的内容，不要附带图片或列表。',
  ),
  unsupported_media_type: help(
    'The content type is another one than the route takes, or the body is compressed.',
    'Send JSON as `application/json` in UTF-8, uncompressed, as `wx.request` does by itself.',
    '内容类型不是该接口支持的类型，或者请求体经过压缩。',
    '以 `application/json`、UTF-8、不压缩的形式发送 JSON，`wx.request` 默认就是这样。',
  ),
  not_found: help(
    'Nothing is at this path: a slip in the URL, a gateway that changes it, or a route that needs a setting.',
    'Compare it with `/docs`. The routes for services are there with `SERVICE_KEYS` only.',
    '路径不存在：URL 写错了、被网关改写了，或者该接口需要某项配置才存在。',
    '请与 `/docs` 对照。给后端服务用的接口只有配置了 `SERVICE_KEYS` 才存在。',
  ),
  method_not_allowed: help(
    'The path is right, its method is another one.',
    'Use one of those in the header `Allow`. `wx.request` sends GET where no `method` is given.',
    '路径正确，但请求方法不对。',
    '使用响应头 `Allow` 列出的方法。`wx.request` 不指定 `method` 时发送的是 GET。',
  ),
  code_invalid: help(
    'WeChat does not know the code (40029): older than five minutes, of another mini program, or of the phone button where one of `wx.login` belongs.',
    'Call `wx.login` again and send the code at once. If it is always so, the appid in the developer tools is not `WECHAT_APPID`.',
    '微信不认识这个 code（40029）：超过五分钟、属于另一个小程序，或者把手机号按钮的 code 当作 `wx.login` 的 code 用了。',
    '重新调用 `wx.login` 并立即发送 code。如果总是这样，说明开发者工具里的 appid 与 `WECHAT_APPID` 不一致。',
  ),
  code_used: help(
    'WeChat has seen the code before (40163). A code works once; something has sent it twice.',
    'Call `wx.login` for each login. To be able to repeat a login whose answer was lost, send an `Idempotency-Key`; the client does. Look for proxies that repeat POST.',
    '这个 code 已经用过（40163）。每个 code 只能用一次，有什么把它发送了两次。',
    '每次登录都重新调用 `wx.login`。想在响应丢失后安全重试，请带上 `Idempotency-Key`，客户端已自动处理。另请检查是否有代理在重发 POST。',
  ),
  user_blocked: help(
    "WeChat's risk control refuses this user (40226).",
    'Nothing helps here, a new code does not either. Tell the user that WeChat does not let them log in at present.',
    '该用户被微信风控拦截（40226）。',
    '无法解决，换新的 code 也没有用。请提示用户：微信暂时不允许其登录。',
  ),
  wechat_rate_limited: help(
    'WeChat has had too many calls in this minute (45011), often a loop of one user.',
    'Wait for `Retry-After`. Look for a page that calls `wx.login` again and again; keep the r3session instead.',
    '一分钟内调用微信过于频繁（45011），往往是同一用户在循环登录。',
    '等待 `Retry-After` 指定的时间。检查是否有页面反复调用 `wx.login`，应保存并复用 r3session。',
  ),
  wechat_busy: help(
    'WeChat said that it was busy (-1), twice.',
    'Try again in a second. The code is still good.',
    '微信连续两次返回系统繁忙（-1）。',
    '一秒后重试，code 仍然可用。',
  ),
  wechat_unreachable: help(
    'No connection to WeChat came about, or none was tried, since the last five calls did not reach it.',
    'Try again after `Retry-After`; the code is still good. Operator: DNS, firewall and outbound TLS to api.weixin.qq.com; `npm run doctor` asks. Sessions that exist are not touched.',
    '无法连接微信；或者最近连续五次没有连上，暂不尝试。',
    '等待 `Retry-After` 后重试，code 仍然可用。运维请检查 DNS、防火墙以及到 api.weixin.qq.com 的 HTTPS 出口，`npm run doctor` 会实际去问。已有会话不受影响。',
  ),
  wechat_timeout: help(
    'WeChat got the request and did not answer within `WECHAT_TIMEOUT`. The code may be spent.',
    'Call `wx.login` again. If it happens often, look at the network to WeChat before you raise the setting.',
    '请求已发给微信，但在 `WECHAT_TIMEOUT` 之内没有得到响应，code 可能已失效。',
    '重新调用 `wx.login`。如果经常发生，先检查到微信的网络，再考虑调大该配置。',
  ),
  wechat_invalid_response: help(
    'What came was not an answer of WeChat: a 5xx, a page of HTML, a broken connection, an unknown errcode. The code may be spent.',
    'Call `wx.login` again. The log has the reason; a proxy on the way out that answers by itself is a usual one.',
    '收到的不是微信的正常响应：5xx、HTML 页面、连接中断或未知的 errcode，code 可能已失效。',
    '重新调用 `wx.login`。原因见日志，常见的是出口代理自己返回了内容。',
  ),
  wechat_misconfigured: help(
    'WeChat refuses this service: appid (40013), AppSecret (40125), an address that is not on the allow-list (40164) and the like.',
    'Operator: the log line has the errcode and the address; `npm run doctor` says where in the WeChat console to mend it.',
    '微信拒绝了本服务：appid 有误（40013）、AppSecret 有误（40125）、IP 不在白名单（40164）等。',
    '运维：日志里有 errcode 和 IP 地址；`npm run doctor` 会说明在微信公众平台的哪里修改。',
  ),
  wechat_quota: help(
    'The calls of this day are used up (45009).',
    "Wait for the next day, or call WeChat's `clear_quota`. Sessions that exist are not touched.",
    '当日调用额度已用完（45009）。',
    '等到次日，或调用微信的 `clear_quota` 接口清零。已有会话不受影响。',
  ),
  unauthorized: help(
    'The request has no `Authorization`.',
    'Send `Authorization: Bearer <r3session>`; log in first where there is none. If you do send it, a gateway drops it.',
    '请求没有携带 `Authorization`。',
    '带上 `Authorization: Bearer <r3session>`；还没有就先登录。如果已经带了，说明被网关去掉了。',
  ),
  invalid_session: help(
    'There is no such session: unused for `SESSION_TTL`, older than `SESSION_MAX_AGE`, ended by a logout or by a service, pushed out by `SESSION_MAX_PER_USER`, or never there.',
    'Call `wx.login` and log in again; the client does by itself. Which of these it was is told to nobody.',
    '会话不存在：超过 `SESSION_TTL` 未使用、超过 `SESSION_MAX_AGE`、已登出或被服务结束、被 `SESSION_MAX_PER_USER` 挤出，或从来没有过。',
    '调用 `wx.login` 重新登录，客户端会自动完成。具体是哪一种，对谁都不说明。',
  ),
  invalid_client: help(
    'The route wants a service key, and what came is none of `SERVICE_KEYS`.',
    'Send the key behind the colon as Bearer, or `name:key` as HTTP Basic; never in the body. An r3session is no key.',
    '该接口需要服务密钥，而收到的不在 `SERVICE_KEYS` 之中。',
    '以 Bearer 发送冒号后面的 key，或以 HTTP Basic 发送 `name:key`，不要放在请求体里。r3session 不是服务密钥。',
  ),
  rate_limited: help(
    'Beyond one of our own limits: `LIMIT_LOGINS`, `LIMIT_KEY_FAILURES` or `LIMIT_DECRYPT_FAILURES`. The log names it.',
    'Wait for `Retry-After`. If all clients are refused together, the proxy in front has to be named in `TRUST_PROXY`.',
    '超出了本服务的某项限制：`LIMIT_LOGINS`、`LIMIT_KEY_FAILURES` 或 `LIMIT_DECRYPT_FAILURES`，日志会说明是哪一项。',
    '等待 `Retry-After` 指定的时间。如果所有客户端同时被拒绝，请把前面的代理写进 `TRUST_PROXY`。',
  ),
  decrypt_failed: help(
    'Sealed with a key that the service never got, older than `OPEN_DATA_MAX_AGE`, of another user, or not genuine. All of these look alike on purpose.',
    'Call `wx.login` and post the code before you ask the user, not between their consent and the decryption. Then ask the user again: data that was sealed before stays closed.',
    '加密所用的密钥服务端从未拿到过、数据早于 `OPEN_DATA_MAX_AGE`、属于别的用户，或不是真的。几种情况故意不加区分。',
    '先调用 `wx.login` 并把 code 发给服务端，再请求用户授权，授权与解密之间不要再登录。然后请用户重新操作：之前加密的数据仍然解不开。',
  ),
  signature_mismatch: help(
    'rawData is not signed with any key that is kept for this user, or was changed on the way.',
    'Send `rawData` as the text that `wx` gave, never parsed and written anew. Otherwise as for `decrypt_failed`.',
    'rawData 不是用服务端保存的该用户的任何密钥签名的，或在途中被改动。',
    '原样发送 `wx` 返回的 `rawData` 文本，不要解析后重新序列化。其余同 `decrypt_failed`。',
  ),
  key_replaced: help(
    'WeChat is known to have replaced the newest session_key of this user, or there is none, so nothing can be signed with it.',
    'Have the mini program call `wx.login` and log in, then sign again.',
    '已知微信更换了该用户最新的 session_key，或服务端没有密钥，因此无法签名。',
    '让小程序调用 `wx.login` 重新登录，然后再签名。',
  ),
  storage_unavailable: help(
    'The store is busy, full, read-only, damaged or out of reach.',
    'Try again after `Retry-After`. Operator: the log says which; look at free disk, permissions and `/readyz`, and run `npm run doctor`.',
    '存储繁忙、已满、只读、损坏或无法连接。',
    '等待 `Retry-After` 后重试。运维：日志会说明是哪一种；请检查磁盘空间、权限和 `/readyz`，并运行 `npm run doctor`。',
  ),
  overloaded: help(
    'More requests at once than the service can answer in time, or it is stopping. A gateway says the same when it gets no answer.',
    'Try again after `Retry-After`. Operator: `r3session_shed_total` says how often; give it a core more, or `WORKERS`.',
    '并发请求超出了服务及时处理的能力，或服务正在停止；网关得不到响应时也返回它。',
    '等待 `Retry-After` 后重试。运维：次数见指标 `r3session_shed_total`；可以增加核心或设置 `WORKERS`。',
  ),
  internal: help(
    'A defect of ours.',
    'Try again; please report it with what the log says under the `requestId`.',
    'r3session 自身的缺陷。',
    '可以重试；请附上日志中该 `requestId` 的内容反馈给我们。',
  ),
}

function help(cause: string, cure: string, causeInChinese: string, cureInChinese: string): ErrorHelp {
  return { cause: { en: cause, zh: causeInChinese }, cure: { en: cure, zh: cureInChinese } }
}
