#!/usr/bin/env node
/** The command of `@r3session/sandbox`: WeChat's side of the wire in a process of its own. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { portIn, runAlone, USUAL_PORT } from './run.js'

const help = {
  en: `r3session-sandbox: WeChat's side of a mini program's login, on 127.0.0.1

  --port <port>    default ${USUAL_PORT}; 0 is any that is free
  --state <file>   keeps what it remembers over restarts
  -h, --help       this text
  -v, --version    the version

Status: 0 done, 1 failed, 2 a wrong call.`,
  zh: `r3session-sandbox：在 127.0.0.1 上模拟小程序登录所用的微信接口

  --port <port>    默认 ${USUAL_PORT}；0 为任意空闲端口
  --state <file>   状态保存在文件中，重启后保留
  -h, --help       显示本说明
  -v, --version    显示版本

退出状态：0 成功，1 失败，2 用法错误。`,
}

const { LC_ALL, LC_MESSAGES, LANG } = process.env
const language = /^zh(?![a-z])/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'zh' : 'en'
const print = (text: string) => process.stdout.write(`${text}\n`)
const complain = (text: string) => process.stderr.write(`${text}\n`)

process.exitCode = await run(process.argv.slice(2))

async function run(args: string[]): Promise<number> {
  const values = valuesIn(args)
  const port = values?.port === undefined ? undefined : portIn(values.port)
  if (values === undefined || (values.port !== undefined && port === undefined)) {
    complain(help[language])
    return 2
  }
  if (values.help) print(help[language])
  else if (values.version)
    print(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version)
  else return runAlone({ port, file: values.state }, { print, complain, language })
  return 0
}

function valuesIn(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string' },
        state: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    }).values
  } catch {
    return undefined
  }
}
