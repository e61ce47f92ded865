import type { Text } from '../../domain/errors.js'
import { type Env, type Name, settings } from './names.js'
import { brokenText, isRule, type Rule, rule, withoutMarks } from './values.js'

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

  function complain(name: Name, { rule }: Rule, label: string = name): undefined {
    broken.add(name)
    problems.push({ en: `${label} ${rule.en}`, zh: `${label} ${rule.zh}` })
  }

  /** The setting's text, or its default; `undefined` where there is neither, or where it is broken. */
  function text(name: Name): string | undefined {
    const path = withoutMarks(env[`${name}_FILE`] ?? '')
    const given = withoutMarks(env[name] ?? '')
    if (path !== '' && given !== '') {
      return complain(
        name,
        rule(`and ${name}_FILE are both set; keep one of them`, `与 ${name}_FILE 同时配置了，请只留一个`),
      )
    }
    const value = path === '' ? given : contentOf(name, path)
    if (value === undefined) return undefined
    const unfit = brokenText(value)
    return unfit === undefined ? value || settings[name] : complain(name, unfit)
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

  function whole(name: Name, min: number, max: number): number {
    const value = text(name)
    if (value === undefined) return min
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
    if (number >= min && number <= max) return number
    complain(name, rule(`must be a whole number from ${min} to ${max}`, `须为 ${min} 至 ${max} 的整数`))
    return min
  }

  /** What `parse` makes of the setting, or the value for where it is unset or broken. */
  function parsed<T extends object>(name: Name, parse: (value: string) => T | Rule, unset: T): T {
    const value = text(name)
    if (value === undefined) return unset
    const result = parse(value)
    if (!isRule(result)) return result
    complain(name, result)
    return unset
  }

  /** One of a few words; the first where the setting is unset or broken. */
  function word<T extends string>(name: Name, words: readonly T[]): T | undefined {
    const value = text(name)
    const known = words.find((word) => word === value)
    if (value === undefined || known !== undefined) return known
    const list = words.join(', ')
    return complain(name, rule(`must be one of ${list}`, `须为以下之一：${list}`))
  }

  return {
    problems,
    complain,
    isBroken: (name: Name) => broken.has(name),
    isSet: (name: Name) => Boolean(env[name] || env[`${name}_FILE`]),
    text,
    whole,
    parsed,
    word,
  }
}

export type SettingReader = ReturnType<typeof createSettingReader>

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
  const { en, zh } = (reasons[code] ?? rule(code || 'for an unknown reason', code || '原因不明')).rule
  return rule(`names a file that can't be read: ${en}`, `指定的文件无法读取：${zh}`)
}
