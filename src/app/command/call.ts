/** What the command line asks for. */
import { parseArgs } from 'node:util'
import { WrongCall } from './failure.js'

/** Every option there is; those with a value say so. */
const options = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  'env-file': { type: 'string' },
  appid: { type: 'string' },
  'end-sessions': { type: 'boolean' },
  port: { type: 'string' },
  state: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
} as const

type Option = keyof typeof options

/** What each command takes beside `--help`, `--version` and `--env-file`, which all do. */
const commands = {
  serve: { argument: undefined, options: [] },
  sandbox: { argument: undefined, options: ['port', 'state'] },
  doctor: { argument: undefined, options: [] },
  openapi: { argument: undefined, options: [] },
  backup: { argument: 'file', options: [] },
  restore: { argument: 'file', options: ['end-sessions'] },
  copy: { argument: undefined, options: ['from', 'to'] },
  sessions: { argument: 'openid', options: ['appid'] },
  revoke: { argument: 'openid', options: ['appid'] },
  forget: { argument: 'openid', options: ['appid'] },
} as const satisfies Record<string, { argument: string | undefined; options: readonly Option[] }>

type Name = keyof typeof commands

/** What needs settings. */
export interface Common {
  /** Where they are to be read from beside the environment; `undefined`: from `.env`, if it is there. */
  readonly envFile: string | undefined
}

export interface FileCall extends Common {
  readonly name: 'backup' | 'restore'
  readonly file: string
  readonly endSessions: boolean
}

export interface SandboxCall extends Common {
  readonly name: 'sandbox'
  readonly port: number | undefined
  readonly state: string | undefined
}

export interface CopyCall extends Common {
  readonly name: 'copy'
  /** As in SESSION_STORE; `undefined`: that one. */
  readonly from: string | undefined
  readonly to: string | undefined
}

export interface UserCall extends Common {
  readonly name: 'sessions' | 'revoke' | 'forget'
  readonly openid: string
  readonly appid?: string
}

export type Call =
  | { readonly name: 'help' | 'version' }
  | (Common & { readonly name: 'serve' | 'doctor' | 'openapi' })
  | SandboxCall
  | FileCall
  | CopyCall
  | UserCall

/**
 * What the arguments ask for.
 *
 * @throws WrongCall naming the first thing that is wrong
 */
export function callIn(args: readonly string[]): Call {
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const given = new Map<Option, string | undefined>()
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const { name, rawName, value } = token
    if (!isOption(name)) throw new WrongCall(`there is no option ${rawName}`, `没有选项 ${rawName}`)
    if (given.has(name)) throw new WrongCall(`${rawName} is given twice`, `${rawName} 出现了两次`)
    if (options[name].type === 'string' && !value)
      throw new WrongCall(`${rawName} needs a value`, `${rawName} 需要一个值`)
    if (options[name].type === 'boolean' && value !== undefined)
      throw new WrongCall(`${rawName} takes no value`, `${rawName} 不带值`)
    given.set(name, value)
  }
  if (given.has('help')) return { name: 'help' }
  if (given.has('version')) return { name: 'version' }
  const [name = 'serve', ...rest] = words
  if (!isCommand(name) || (name === 'serve' && words.length > 0))
    throw new WrongCall(`there is no command ${name}`, `没有命令 ${name}`)
  return callOf(name, rest, given)
}

function callOf(name: Name, words: readonly string[], given: ReadonlyMap<Option, string | undefined>): Call {
  const takes: { argument: string | undefined; options: readonly Option[] } = commands[name]
  const foreign = [...given.keys()].find((option) => option !== 'env-file' && !takes.options.includes(option))
  if (foreign !== undefined)
    throw new WrongCall(`${shown(name)} takes no --${foreign}`, `${shown(name)} 没有选项 --${foreign}`)
  const [argument, ...more] = words
  if (takes.argument === undefined ? argument !== undefined : more.length > 0)
    throw new WrongCall(`${shown(name)} does not take so many arguments`, `${shown(name)} 不需要这么多参数`)
  if (takes.argument !== undefined && !argument)
    throw new WrongCall(
      `${shown(name)} needs an argument: <${takes.argument}>`,
      `${shown(name)} 缺少参数：<${takes.argument}>`,
    )
  const common = { envFile: given.get('env-file') }
  const appid = given.get('appid')
  const word = argument ?? ''
  switch (name) {
    case 'sandbox':
      return { ...common, name, port: portIn(given.get('port')), state: given.get('state') }
    case 'copy':
      return { ...common, name, from: given.get('from'), to: given.get('to') }
    case 'backup':
    case 'restore':
      return { ...common, name, file: word, endSessions: given.has('end-sessions') }
    case 'sessions':
    case 'revoke':
    case 'forget':
      return { ...common, name, openid: word, ...(appid !== undefined && { appid }) }
    default:
      return { ...common, name }
  }
}

function portIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new WrongCall('--port needs a number from 0 to 65535', '--port 须为 0 至 65535 的数字')
  return Number(text)
}

const isOption = (name: string): name is Option => Object.hasOwn(options, name)
const isCommand = (name: string): name is Name => Object.hasOwn(commands, name)
const shown = (name: Name) => (name === 'serve' ? 'r3session' : `r3session ${name}`)
