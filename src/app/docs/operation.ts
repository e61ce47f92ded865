/** One operation of the OpenAPI document as HTML. */
import { curl, type Target } from './curl.js'
import { type Html, html } from './html.js'
import { type AnySchema, type NamedSchemas, resolve } from './json-schema.js'
import type { Operation, Response } from './openapi-operation.js'
import type { DocsTexts } from './texts.js'

/** An operation, and where it is found. */
export interface Entry {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

/** How operations are shown: in which words, and for which service. */
export interface View extends Target {
  /** A text of the document in the reader's language. */
  readonly say: (text: string) => string
  readonly words: DocsTexts
  /** The named schemas of the document. */
  readonly schemas: NamedSchemas
}

/** Something that is sent or given, as a line of a list. */
interface Field {
  readonly name: string
  /** Its type, or where it stands. */
  readonly kind: string
  readonly description?: string | undefined
}

export function operationArticle(entry: Entry, view: View): Html {
  const { method, path, operation } = entry
  const { operationId: id, summary, 'x-about': about, responses } = operation
  const { say, words } = view
  const answers = Object.entries(responses)
  return html`<article>
<h3 id="${id}"><a href="#${id}">${badge(method)} <code>${path}</code></a></h3>
<p>${say(summary)}</p>
${about && html`<p>${say(about)}</p>\n`}${takes(operation, view)}
${commands(entry, view)}
${answers.map(([status, answer]) => (answer['x-errors'] ? '' : gives(status, answer, view)))}
<h4>${words.fails}</h4>
<ul class="fails">
${answers.map(([status, answer]) => failsWith(status, answer))}</ul>
</article>
`
}

export function badge(method: string): Html {
  return html`<b class="method ${method.toLowerCase()}">${method}</b>`
}

/** The commands, after what the reader has to put into them. */
function commands(entry: Entry, view: View): Html {
  const { words, origin } = view
  const { text, missing } = curl(entry, view)
  const names = missing.map((name) => html`<br><code>${name}</code> ${words.variables[name]}\n`)
  return html`${missing.length > 0 && html`<p>${words.fillIn}${names}</p>\n`}<div class="command">
<pre data-origin="${origin}"><code>${text}</code></pre>
</div>`
}

function takes({ security, parameters, requestBody }: Operation, view: View): Html | undefined {
  const { words } = view
  const credentials = security.flatMap((needed) =>
    Object.keys(needed).map((scheme) => {
      const word = scheme.endsWith('Basic') ? words.orBasic : 'Bearer'
      return html`<p>${word} <a href="#credentials-${scheme}">${scheme}</a></p>\n`
    }),
  )
  const inHead = parameters.map(({ name, in: place, required, description }) => ({
    name,
    kind: required ? words.places[place] : `${words.places[place]}, ${words.optional}`,
    description,
  }))
  const [body, ...others] = Object.entries(requestBody?.content ?? {})
  const types = [body, ...others].flatMap((content) => content?.[0] ?? [])
  if (credentials.length + inHead.length + types.length === 0) return undefined
  return html`<h4>${words.takes}</h4>
${credentials}${list(inHead, view)}${body && html`<p>${words.body}${types.join(', ')}</p>\n`}${list(fieldsOf(body?.[1].schema, view), view)}`
}

function gives(status: string, { description, headers, content = {} }: Response, view: View): Html {
  const { say, words } = view
  const inHead = Object.entries(headers).flatMap(([name, header]) =>
    'description' in header ? [{ name, kind: words.places.header, description: header.description }] : [],
  )
  const bodies = Object.entries(content).map(([type, { schema, example }]) => {
    const shown = typeof example === 'string' ? example : JSON.stringify(example, undefined, 2)
    return html`<p>${words.body}${type}</p>
${list(fieldsOf(schema, view), view)}${shown && html`<pre><code>${shown}</code></pre>\n`}`
  })
  return html`<h4>${words.gives} <b>${status}</b></h4>
<p>${say(description)}</p>
${list(inHead, view)}${bodies}`
}

function failsWith(status: string, { 'x-errors': codes }: Response): Html | undefined {
  const links = codes?.map((code) => html` <a href="#error-${code}"><code>${code}</code></a>`)
  return links && html`<li><b>${status}</b><span>${links}</span></li>\n`
}

function list(fields: readonly Field[], { say }: View): Html | undefined {
  if (fields.length === 0) return undefined
  const rows = fields.map(
    ({ name, kind, description }) =>
      html`<div><dt><code>${name}</code> <i>${kind}</i></dt><dd>${description && say(description)}</dd></div>\n`,
  )
  return html`<dl>\n${rows}</dl>\n`
}

/** The fields of an object, those of objects within it by their path: `sessions[].id`. */
function fieldsOf(schema: AnySchema, view: View, within = ''): Field[] {
  const { schemas, words } = view
  const { properties = {}, required = [], anyOf } = resolve(schema, schemas)
  // One or the other: each field may be missing.
  if (anyOf) return anyOf.flatMap((one) => fieldsOf({ ...resolve(one, schemas), required: [] }, view, within))
  return Object.entries(properties).flatMap(([field, value]) => {
    const name = within + field
    const { type = 'any', format, items, description } = resolve(value, schemas)
    const kind = [format ?? type, ...(required.includes(field) ? [] : [words.optional])].join(', ')
    const inner = type === 'array' ? fieldsOf(items, view, `${name}[].`) : fieldsOf(value, view, `${name}.`)
    return [{ name, kind, description }, ...inner]
  })
}
