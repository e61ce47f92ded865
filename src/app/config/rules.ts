/** What a setting must be, in both languages: zod's own messages know one language, and quote values. */
import * as z from 'zod'
import type { Text } from './language.js'

/** Said so that it follows the setting's name. Holds no value. */
export type Rule = Text

/** The rule of each schema, for every failure that brings no finer one in its `params`. */
export const rules = z.registry<Rule>()

export function rule(en: string, zh: string): Rule {
  return { en, zh }
}

/** They can't be seen, so what a value must be is of no help to whoever has them. */
export const blanks = rule('has blanks around its value; write it without', '的值前后有空白字符，请去掉')

/** The value that a schema makes of this text, or the rule that was broken: one is enough to mend a setting. */
export function parse<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
): { readonly value: z.output<Schema> } | { readonly broken: Rule } {
  const { success, data, error } = schema.safeParse(text)
  if (success) return { value: data }
  const [issue] = error.issues
  const finer = issue?.code === 'custom' ? issue.params : undefined
  if (finer === undefined || !('en' in finer && 'zh' in finer)) {
    return { broken: rules.get(schema) ?? rule('is not valid', '无效') }
  }
  // Where the value is a list: which of its items, and what in it.
  const place = issue?.path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
  const said = (text: unknown) => (place ? `${place} ${text}` : String(text))
  return { broken: rule(said(finer['en']), said(finer['zh'])) }
}
