import type * as z from 'zod'
import type { Text } from './language.js'
import type { Env } from './names.js'
import { blanks, parse, type Rule, rule } from './rules.js'
import { type Name, settings } from './settings.js'

/** What a setting's schema makes; `undefined` where there is no default. */
type Value<N extends Name> =
  | z.output<(typeof settings)[N]['schema']>
  | ((typeof settings)[N]['default'] extends string ? never : undefined)

/**
 * Reads single settings and collects what is wrong with them. An empty variable counts as unset, since that is what
 * compose files make of a missing one.
 *
 * @param readFile gives the text of a file, for the `NAME_FILE` form of every setting; throws when it can't
 */
export function createSettingReader(env: Env, readFile: (path: string) => string) {
  const problems: Text[] = []
  /** What follows from the absence of a setting that was complained about is no second mistake. */
  const broken = new Set<Name>()

  function complain(name: Name, { en, zh }: Rule, label: string = name): undefined {
    broken.add(name)
    problems.push({ en: `${label} ${en}`, zh: `${label} ${zh}` })
  }

  /** The text that was given; `undefined` where there is none, or it is broken. */
  function textOf(name: Name): string | undefined {
    const path = withoutMarks(env[`${name}_FILE`] ?? '')
    const given = withoutMarks(env[name] ?? '')
    if (path !== '' && given !== '') {
      return complain(
        name,
        rule(`and ${name}_FILE are both set; keep one of them`, `与 ${name}_FILE 同时配置了，请只留一个`),
      )
    }
    const text = path === '' ? given : contentOf(name, path)
    if (text === undefined || text === '') return undefined
    const unfit = brokenText(text)
    return unfit === undefined ? text : complain(name, unfit)
  }

  function contentOf(name: Name, path: string): string | undefined {
    const label = `${name}_FILE`
    const unfit = brokenText(path)
    if (unfit !== undefined) return complain(name, unfit, label)
    let content: string
    try {
      content = withoutMarks(readFile(path))
    } catch (error) {
      return complain(name, unreadable(error), label)
    }
    if (content !== '') return content
    return complain(name, rule('names a file that is empty', '指定的文件是空的'), label)
  }

  return {
    problems,
    complain,
    isBroken: (name: Name) => broken.has(name),
    isSet: (name: Name) => Boolean(env[name] || env[`${name}_FILE`]),

    /** The setting's value; its default where it is unset or broken. */
    value<N extends Name>(name: N): Value<N> {
      const { schema, default: usual } = settings[name]
      const text = textOf(name)
      const parsed = text === undefined ? undefined : parse(schema, text)
      if (text !== undefined && parsed && 'broken' in parsed) {
        const wouldFit = text !== text.trim() && 'value' in parse(schema, text.trim())
        complain(name, wouldFit ? blanks : parsed.broken)
      }
      const value = parsed && 'value' in parsed ? parsed.value : usual && schema.parse(usual)
      // The compiler sees the schemas of all settings here, not this one's alone.
      return value as Value<N>
    },
  }
}

export type SettingReader = ReturnType<typeof createSettingReader>

/** What no value of any setting may have: it was meant for a shell, or is no text. */
function brokenText(value: string): Rule | undefined {
  if (/^(["'`]).*\1$|^[\u201c\u201d].*[\u201c\u201d]$|^[\u2018\u2019].*[\u2018\u2019]$/s.test(value)) {
    return rule(
      'has quotes around its value; write it without (docker --env-file keeps them)',
      '的值带有引号，请去掉（docker 的 --env-file 会保留引号）',
    )
  }
  if (/[\0\uFFFD]/.test(value))
    return rule('is not UTF-8 text; save it as UTF-8', '不是 UTF-8 文本，请另存为 UTF-8')
  return undefined
}

/** A value without what editors and Windows put around it: a byte order mark in front, the end of a line behind. */
function withoutMarks(value: string): string {
  return value.replace(/^\uFEFF+/, '').replace(/[\r\n]+$/, '')
}

const reasons: Readonly<Record<string, Rule>> = {
  ENOENT: rule('there is none', '文件不存在'),
  EISDIR: rule('it is a directory', '它是一个目录'),
  ENOTDIR: rule('a part of its path is no directory', '路径中有一段不是目录'),
  EACCES: rule('permission denied', '没有权限'),
  EPERM: rule('permission denied', '没有权限'),
}

/** Names the reason and never the path: where somebody put the secret itself into `NAME_FILE`, that is the secret. */
function unreadable(error: unknown): Rule {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const { en, zh } = reasons[code] ?? rule(code || 'for an unknown reason', code || '原因不明')
  return rule(`names a file that can't be read: ${en}`, `指定的文件无法读取：${zh}`)
}
