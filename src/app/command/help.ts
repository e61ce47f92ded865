import type { Language } from '../config/language.js'

const english = `r3session: the login backend for WeChat mini programs

  r3session                      serves, as the settings say; without WECHAT_APPID against an imitation of WeChat
  r3session sandbox              WeChat's side alone, for tests in any language
      --port <port>                default 3001; 0 is any that is free
      --state <file>               keeps what it remembers over restarts
  r3session doctor               what a start would meet, and what to do about it
  r3session openapi              the service's OpenAPI document, as it would serve it with these settings
  r3session backup <file>        copies the SQLite store into a new file, also while the service runs
  r3session restore <file>       puts such a copy in the place of the store, while no service runs
      --end-sessions               and ends all sessions in it: those that were ended since would live again
  r3session copy                 copies the sessions of one store into another, empty one, while no service runs
      --from <store>               as in SESSION_STORE, which is also the default of either
      --to <store>
  r3session sessions <openid>    the sessions of a user
  r3session revoke <openid>      ends them all
  r3session forget <openid>      ends them all and deletes everything that is kept of the user
      --appid <appid>              of the user of this mini program, where the service has several; default the first

Everywhere
      --env-file <file>          settings, beside those of the environment, which count more; default .env, if it is there
  -h, --help                     this text
  -v, --version                  the version

Status: 0 done, 1 failed, 2 a wrong call, 78 wrong settings.`

const chinese = `r3session：微信小程序的登录后端

  r3session                      按配置启动服务；未配置 WECHAT_APPID 时使用内置的微信模拟
  r3session sandbox              只启动微信模拟，供任何语言的测试使用
      --port <port>                默认 3001；0 为任意空闲端口
      --state <file>               状态保存在文件中，重启后保留
  r3session doctor               检查启动时会遇到的问题，并给出处理办法
  r3session openapi              输出按当前配置提供的 OpenAPI 文档
  r3session backup <file>        把 SQLite 存储复制到新文件，服务运行时也可执行
  r3session restore <file>       用这样的副本替换存储，须先停止服务
      --end-sessions               并结束其中的所有会话：备份之后已结束的会话会重新有效
  r3session copy                 把一个存储的会话复制到另一个空存储，须先停止服务
      --from <store>               写法同 SESSION_STORE，省略时即取自它
      --to <store>
  r3session sessions <openid>    列出用户的会话
  r3session revoke <openid>      结束该用户的所有会话
  r3session forget <openid>      结束该用户的所有会话，并删除保存的全部数据
      --appid <appid>              服务多个小程序时指明是哪一个；默认第一个

通用
      --env-file <file>          除环境变量外再从文件读取配置，环境变量优先；默认读取 .env（如果存在）
  -h, --help                     显示本说明
  -v, --version                  显示版本

退出状态：0 成功，1 失败，2 用法错误，78 配置错误。`

const hints = { en: 'r3session --help shows how it is called.', zh: '用法见 r3session --help。' }

/** How the command is called; or, as a `hint`, where to find that. */
export function helpText(language: Language, form: 'whole' | 'hint' = 'whole'): string {
  if (form === 'hint') return hints[language]
  return language === 'zh' ? chinese : english
}
