/** The texts of the OpenAPI document in Chinese, for its page. test/integration/docs/docs-page.test.ts names what is missing. */
export const chinese: Readonly<Record<string, string>> = {
  'Mini program': '小程序',
  'For the mini program itself.': '供小程序自身调用。',
  Services: '后端服务',
  'For the services behind the same gateway: who is calling, without a line of WeChat code in them.':
    '供同一网关后面的其他服务调用：无需一行微信代码，就知道当前用户是谁。',
  '2017 tutorial': '2017 年教程',
  'For clients written after the tutorial, which run unchanged.':
    '供照着教程编写的客户端调用，一行不改即可运行。',
  Sandbox: '沙箱',
  'Stands for a phone where WeChat is imitated; never in production.':
    '在模拟微信的环境中扮演手机；生产环境中绝不存在。',
  Operators: '运维',
  'For whoever runs the service.': '供运行本服务的人使用。',
  "r3session gives WeChat mini programs their login. It trades the one-time code of wx.login for a random token, the r3session, keeps WeChat's session_key on the server, opens what WeChat seals for the user, and tells the services behind it who is calling.":
    'r3session 是微信小程序的登录后端：用 wx.login 的一次性 code 换取随机令牌 r3session，把微信的 session_key 留在服务端，解密微信返回的用户加密数据，并告诉后面的其他服务当前用户是谁。',
  'Fields of a request that are not named here are ignored, so a whole wx result can be posted. Every answer has X-Request-Id and Cache-Control: no-store.':
    '请求中未列出的字段会被忽略，因此可以把 wx 接口返回的结果整个发过来。所有响应都带有 X-Request-Id 和 Cache-Control: no-store。',

  'Trade the code of wx.login for an r3session': '用 wx.login 的 code 换取 r3session',
  'Any text of the client, 1 to 255 visible ASCII characters: a retry with the same code and key within 60 s gets the same r3session instead of code_used':
    '由客户端任意指定，1 至 255 个可见 ASCII 字符：60 秒内用同一 code 和同一 key 重试，得到同一 r3session，而不是 code_used',
  'With phoneCode the phone number comes along, or the code and action of why there is none: it never costs the login. A retry with the same Idempotency-Key, code and phoneCode costs nothing more, and neither does asking POST /v1/phone-number for the same phoneCode within 5 minutes.':
    '带上 phoneCode 时一并返回手机号；取不到时返回原因（code 和 action），绝不影响登录本身。用同样的 Idempotency-Key、code 和 phoneCode 重试不再计费；5 分钟内用同一 phoneCode 调用 POST /v1/phone-number 也不再计费。',
  'The code of the phone button: login and number in one call. It never costs the login':
    '手机号按钮返回的 code：一次调用同时登录并取得手机号，绝不影响登录本身',
  'Comes with phoneCode: the number, or why there is none': '带 phoneCode 时才有：手机号，或取不到的原因',
  'Why there is no number: a code of the errors': '取不到手机号的原因：错误列表中的 code',
  'What the caller should do about that': '调用方应采取的动作',
  'The one-time code of wx.login': 'wx.login 返回的一次性 code',
  'The mini program, where several are served; the first one without it':
    '服务多个小程序时指定其中一个；省略则为第一个',
  'The session token': '会话令牌',
  'Seconds it lives unused': '闲置多少秒后过期',
  'The r3session, and how many seconds it lives unused': 'r3session，以及它闲置多少秒后过期',
  'Who is logged in, and until when': '当前登录的用户，以及会话何时结束',
  'The mini program': '小程序',
  'The user within this mini program': '用户在该小程序内的标识',
  'The user across all apps of one Open Platform account': '用户在同一开放平台账号下所有应用间的标识',
  'When the login was': '登录时间',
  'When it ends, unless it is used before': '会话结束的时间；期间若被使用则顺延',
  'The session': '会话',
  'Log out': '退出登录',
  'There is no such session, or none any more': '没有这个会话，或者它已经结束',
  'Open what WeChat sealed for the user of the session: user, phone, share, run, game, group, activity':
    '解密微信为会话用户加密的数据：用户信息、手机号、转发、运动、小游戏、群、动态消息',
  'base64, as WeChat gave it, or wrapped and indented': 'base64，微信返回的原值，也可带换行和缩进',
  'Checked together with signature': '与 signature 一起校验',
  'sha1(rawData + session_key) as hex digits, as WeChat gave it':
    'sha1(rawData + session_key) 的十六进制值，微信返回的原值',
  "Every field of WeChat's JSON; {activityId} for the bare text that wx.authPrivateMessage seals. Never take identity from it: a profile without openId is genuine, and says nothing about whose it is":
    '微信 JSON 中的所有字段；wx.authPrivateMessage 加密的是纯文本，返回 {activityId}。切勿据此认定身份：不含 openId 的资料同样真实，却不能说明属于谁',
  "Every field of WeChat's JSON, or the activityId": '微信 JSON 中的所有字段，或 activityId',
  "The phone number behind a code of the phone button, for the session's own user":
    '用手机号按钮的 code 换取手机号，仅限会话用户本人',
  'The one-time code of the phone button': '手机号按钮返回的一次性 code',
  'With the country code in front where that is not 86': '区号不是 86 时，前面带有区号',
  'Without it': '不带区号',
  'The country code': '区号',
  'The number': '手机号',
  'Does WeChat still honour the session_key on record?': '微信是否仍认可所保存的 session_key？',
  'WeChat honours the key': '微信认可该密钥',
  'Whether it does': '是否认可',
  'Have WeChat replace the session_key': '让微信更换 session_key',
  'There is a new key, and the old one is dead': '密钥已更换，旧密钥失效',

  'Log in as the 2017 tutorial does: the code in any shape, the bare r3session back':
    '按 2017 年教程的方式登录：code 以任何形式提交，只返回 r3session 本身',
  'The r3session and nothing else': '只有 r3session，别无其他',
  'Decrypt as the 2017 tutorial does: the token beside the sealed data':
    '按 2017 年教程的方式解密：令牌与加密数据一起提交',
  'The decrypted JSON object itself': '解密后的 JSON 对象本身',

  'For nginx auth_request, Traefik ForwardAuth and Caddy forward_auth: who is calling, in headers':
    '用于 nginx auth_request、Traefik ForwardAuth 和 Caddy forward_auth：以响应头说明当前用户是谁',
  'The session lives; the headers are those WeChat Cloud Run gives to containers':
    '会话有效；响应头与微信云托管注入容器的一致',
  'openid of the user': '用户的 openid',
  'appid of the mini program': '小程序的 appid',
  'unionid, where it is known': 'unionid，已知时才有',
  'always wx_client': '始终为 wx_client',
  'What an r3session stands for (RFC 7662)': '查询 r3session 代表谁（RFC 7662）',
  'The r3session in question; any text': '要查询的 r3session；可为任意文本',
  'The session lives; the rest is there only then': '会话是否有效；有效时才有其余字段',
  'Login, seconds since 1970': '登录时间，自 1970 年起的秒数',
  'End, seconds since 1970': '结束时间，自 1970 年起的秒数',
  'Always Bearer': '始终为 Bearer',
  'The session, or that there is none': '会话信息，或说明会话不存在',
  "WeChat's access_token, the same for all services": '微信的 access_token，所有服务共用一个',
  "WeChat's access_token": '微信的 access_token',
  'Seconds it still lives': '剩余有效秒数',
  'The token, and the seconds it still lives': 'access_token 及其剩余有效秒数',
  'The live sessions of a user': '用户的有效会话',
  'Name of the session; no token': '会话的名称；不是令牌',
  'The latest use on record, a minute old at most': '最近一次使用的记录，误差不超过一分钟',
  'The sessions, the latest first': '会话列表，最新的在前',
  'End all sessions of a user, at once and for good': '立即并永久结束用户的全部会话',
  'How many lived until now': '此前有效的会话数',
  'How many sessions were ended': '结束了多少个会话',
  'End one session of a user, by its id in the list': '结束用户的一个会话，由列表中的 id 指定',
  'The user has no such session, or none any more': '该用户没有此会话，或会话已结束',
  'Forget a user: end all their sessions and delete everything that is kept by their openid':
    '遗忘用户：结束其全部会话，并删除以其 openid 保存的一切数据',
  'Nothing is left of the user': '该用户的数据已全部删除',

  'Is the process alive?': '进程是否存活？',
  'Always ok': '固定为 ok',
  'Always ready': '固定为 ready',
  'What is known of WeChat; it does not change the status': '微信服务器的情况；不影响状态码',
  'closed; or, while WeChat is out of reach, open or half_open. A login then fails at once with wechat_unreachable':
    '平时为 closed；连不上微信时为 open 或 half_open，此时登录立即返回 wechat_unreachable',
  'It answers': '能够响应',
  'Can it serve logins?': '能否提供登录服务？',
  'It can': '可以',
  'What Prometheus reads': '供 Prometheus 抓取的指标',
  'Everything that is counted, of all processes': '所有进程的全部计数',
  'This documentation for programs': '供程序读取的本文档',
  'An OpenAPI 3.1 document': 'OpenAPI 3.1 文档',

  'What wx.login would give': '返回 wx.login 会给出的结果',
  'Any name; the same name is the same user': '任意名称；同名即同一用户',
  'A one-time code': '一次性 code',
  'As from wx.login': '与 wx.login 一致',
  'What the phone button would give': '返回手机号按钮会给出的结果',
  'As from the phone button': '与手机号按钮一致',
  'What the phone button of old clients would give': '返回手机号按钮会给出的结果（旧版客户端）',
  'As from the phone button of old clients': '与旧版客户端的手机号按钮一致',
  'What wx.checkSession would give': '返回 wx.checkSession 会给出的结果',
  'The user has a live session_key': '用户的 session_key 是否有效',
  'As from wx.checkSession': '与 wx.checkSession 一致',
  'What wx.getUserInfo would give': '返回 wx.getUserInfo 会给出的结果',
  'As from wx.getUserInfo': '与 wx.getUserInfo 一致',
  "Has WeChat give the country code as the number 86, as in the sample on WeChat's own page":
    '让微信以数字 86 返回区号，如微信官方文档的示例所示',
  'What wx.pluginLogin would give': '返回 wx.pluginLogin 会给出的结果',
  'As from wx.pluginLogin': '与 wx.pluginLogin 一致',
  'What getLatestUserKey would give': '返回 getLatestUserKey 会给出的结果',
  'As from getLatestUserKey': '与 getLatestUserKey 一致',
  'base64 of 16 bytes': '16 字节的 base64',
  '16 characters, to be used as they are': '16 个字符，直接使用，无需解码',
  'Counts from 1 on': '从 1 开始计数',
  'When the key ends, seconds since 1970': '密钥失效的时间，自 1970 年起的秒数',
  'Have the user pay, as wx.requestPayment does': '让用户付款，如同 wx.requestPayment',
  'The number that WeChat Pay gave the payment': '微信支付的订单号',
  'The merchant': '商户号',
  "The merchant's own number of the payment": '商户订单号',
  'The payment, by both of its numbers': '这笔付款，两种订单号都有',
  'What wx.getShareInfo would give': '返回 wx.getShareInfo 会给出的结果',
  'As from wx.getShareInfo': '与 wx.getShareInfo 一致',
  'What wx.getWeRunData would give': '返回 wx.getWeRunData 会给出的结果',
  'As from wx.getWeRunData': '与 wx.getWeRunData 一致',
  'Who the user is in the mini program': '用户在该小程序中的身份',
  'What WeChat will say of the user': '微信会给出的用户标识',
  "Have WeChat refuse the user's logins from now on (40226), in every mini program":
    '让微信从现在起在所有小程序中拒绝该用户的登录（40226）',
  "Any data or text, sealed with the user's session_key": '用该用户的 session_key 加密任意数据或文本',
  'An object to seal, a watermark added unless it has one or null for none; or a bare text':
    '要加密的对象，未带 watermark 时自动补上（为 null 则不加）；也可以是纯文本',
  'As from any wx function that seals': '与任何返回加密数据的 wx 接口一致',
  "Have WeChat replace the user's session_key at once, as a login on another device may":
    '让微信立即更换用户的 session_key，如同在另一台设备上登录',
  Done: '完成',
  "Have the next calls of WeChat's endpoints meet a fault": '让接下来对微信接口的调用出错',
  'Forget all faults that have not been met yet': '取消所有尚未发生的错误',
  'Have the user pay, as wx.requestVirtualPayment does; both signatures are checked':
    '让用户付款，与 wx.requestVirtualPayment 一致；两个签名都会校验',
  "0 and what WeChat pushes to a server then, or WeChat's errCode":
    '0 和微信随后推送给服务器的内容，或微信的 errCode',
  'The body of xpay_goods_deliver_notify or xpay_coin_pay_notify':
    'xpay_goods_deliver_notify 或 xpay_coin_pay_notify 的请求体',
  'short_series_goods, or short_series_coin':
    'short_series_goods（道具直购）或 short_series_coin（代币充值）',
  'The text of the order, of which both signatures are made': '订单文本，两个签名都由它算出',
  'The payment signature, made with the AppKey': '支付签名，由 AppKey 算出',
  'The user-state signature, as POST /v1/sign makes it': '用户态签名，与 POST /v1/sign 生成的一致',
  'The user closes the window instead': '用户关闭窗口，不付款',
  "0, or WeChat's number for what is wrong": '0，或微信的错误码',
  'ok, or what is wrong': 'ok，或错误原因',
  'What WeChat saw of the service, secrets redacted': '微信收到的本服务的调用，密钥已隐去',
  'Only calls with a higher number': '只返回编号更大的调用',
  'What WeChat answered, 0 for a success': '微信返回的 errcode，0 表示成功',
  'The calls, oldest first, a thousand at most': '调用列表，最早的在前，最多一千条',
  'What the service has on record for a token; looking does not prolong the session':
    '服务端为某个令牌保存的内容；查看不会延长会话',
  'The session of the token; null when there is none': '令牌对应的会话；没有时为 null',
  'All live sessions of the user, the latest first': '用户的全部有效会话，最新的在前',
  'Stands for a session_key, which is never shown': 'session_key 的代号；密钥本身从不显示',
  'The key that WeChat honours now': '微信当前认可的密钥',
  'The session, its user and their keys': '会话、用户及其密钥',
  'An API behind forward auth: it answers with the headers that /v1/auth gave the gateway':
    '位于网关鉴权之后的示例接口：返回 /v1/auth 交给网关的请求头',
  'A greeting': '一句问候',
  'What the back end got': '后端收到的请求头',
  'A shop behind forward auth: a book is ordered, for wx.requestVirtualPayment':
    '位于网关鉴权之后的示例商城：下单购买一本电子书，用于 wx.requestVirtualPayment',
  'The order number': '商户订单号',
  'What is bought': '购买的类型',
  'The order, as it was signed': '订单原文，签名即针对它',
  'The user-state signature, of POST /v1/sign': '用户态签名，由 POST /v1/sign 生成',
  'What the shop asked this service, with its service key': '商城凭服务密钥向本服务发出的请求',
  'The method': '请求方法',
  'The path': '路径',
  'The order, signed twice': '带有两个签名的订单',
  "The shop looks the user's latest order up at WeChat, and delivers what is paid for":
    '商城向微信查询该用户最近的订单，已付款则发货',
  'none without an order; ordered; delivered': 'none（没有订单）、ordered（已下单）或 delivered（已发货）',
  'What became of the order': '订单的结果',
  'The user closes their account with the shop, which has the service forget them':
    '用户在商城注销账号，商城让本服务删除该用户的一切',
  'What the service still has of the user': '服务端现在还留有该用户的数据',
  'Sessions of the user that there still are': '该用户现存的会话数',
  'session_keys of the user that there still are': '该用户现存的 session_key 数',
  'The user is forgotten': '该用户的数据已全部删除',

  "WeChat's user-state signature, made with the session_key: virtual payment, VoIP, mini-game storage":
    '用 session_key 生成微信的用户态签名：虚拟支付、VoIP、小游戏存储',
  "Signs the exact bytes of data, with the user's newest session_key. Where WeChat is known to have replaced that one, key_replaced: have the user log in again, and sign anew.":
    '用该用户最新的 session_key 对 data 的原始字节签名。已知该密钥被微信更换时返回 key_replaced：请让用户重新登录，然后重新签名。',
  'What is to be signed: the very text that goes to WeChat, byte by byte':
    '要签名的内容：与发给微信的文本逐字节相同',
  'hex(HMAC-SHA256(session_key, data)), 64 digits': 'hex(HMAC-SHA256(session_key, data))，64 位十六进制数字',
  'The signature': '签名',
  'The keys with which the mini program encrypts (wx.getUserCryptoManager)':
    '小程序加密所用的密钥（wx.getUserCryptoManager）',
  'The latest keys, as WeChat lists them': '最近的密钥，与微信返回的一致',
  'base64 of the 16 bytes of an AES key': 'AES 密钥（16 字节）的 base64',
  '16 characters to be used as they stand; no base64': '16 个字符，原样使用，不是 base64',
  'Which key: the mini program knows it by that': '密钥的版本号，小程序据此识别',
  'When WeChat made it': '微信生成它的时间',

  'The r3session that a login gave.': '登录得到的 r3session。',
  'A key of the setting SERVICE_KEYS.': '配置项 SERVICE_KEYS 中的一个密钥。',
  'What every error is answered with, as application/problem+json (RFC 9457). code never changes its meaning, action is what the caller should do, and title and detail follow Accept-Language (English, 简体中文). not_found and method_not_allowed, which names the methods in Allow, meet requests that find no route.':
    '所有错误的响应均为 application/problem+json（RFC 9457）。code 的含义永远不变，action 是调用方应采取的动作，title 和 detail 的语言取决于 Accept-Language（English、简体中文）。找不到接口的请求得到 not_found 或 method_not_allowed，后者在 Allow 中列出可用的方法。',
  "Every method and every path that begins with /v1/auth/ are answered alike, for gateways that ask with the method of the request (Traefik's preserveRequestMethod) or append its path (Envoy's path_prefix). A body is not read.":
    '任何方法、任何以 /v1/auth/ 开头的路径都作同样回答，适用于沿用原请求方法（Traefik 的 preserveRequestMethod）或追加原路径（Envoy 的 path_prefix）的网关。请求体不会被读取。',
  'The name and the key of an entry of SERVICE_KEYS, as OAuth clients send them: both form-encoded (RFC 6749, section 2.3.1) where they have special characters.':
    'SERVICE_KEYS 中一项的 name 和 key，与 OAuth 客户端的发送方式相同：含特殊字符时两者都按表单编码（RFC 6749 第 2.3.1 节）。',
}

/** The text in Chinese; as it is where it has not been translated yet. */
export function inChinese(text: string): string {
  return Object.hasOwn(chinese, text) ? (chinese[text] ?? text) : text
}
