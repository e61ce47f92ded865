/** One operation of the OpenAPI document as HTML. */
import { curl } from './curl.js'
import { type Html, html } from './html.js'
import { type AnySchema, type NamedSchemas, resolve } from './json-schema.js'
import type { Operation, Response } from './openapi-operation.js'

/** An operation, and where it is found. */
export interface Entry {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

/** Something that is sent or given, as a line of a list. */
interface Field {
  readonly name: string
  /** Its type, or where it stands. */
  readonly kind: string
  readonly description?: string | undefined
}

/** @param schemas the named schemas of the document */
export function operationArticle(entry: Entry, schemas: NamedSchemas): Html {
  const { method, path, operation } = entry
  const { operationId: id, summary, description, responses } = operation
  const answers = Object.entries(responses)
  return html`<article>
<h3 id="${id}"><a href="#${id}">${badge(method)} <code>${path}</code></a></h3>
<p>${summary}</p>
${description && html`<p>${description}</p>\n`}${takes(operation, schemas)}
<pre><code>${curl(entry)}</code></pre>
${answers.map(([status, answer]) => (answer['x-errors'] ? '' : gives(status, answer, schemas)))}
<h4>Fails with</h4>
<ul class="fails">
${answers.map(([status, answer]) => failsWith(status, answer))}</ul>
</article>
`
}

export function badge(method: string): Html {
  return html`<b class="method ${method.toLowerCase()}">${method}</b>`
}

function takes({ security, parameters, requestBody }: Operation, schemas: NamedSchemas): Html | undefined {
  const credentials = security.flatMap((needed) =>
    Object.keys(needed).map((scheme) => {
      const word = scheme.endsWith('Basic') ? 'or Basic' : 'Bearer'
      return html`<p>${word} <a href="#credentials-${scheme}">${scheme}</a></p>\n`
    }),
  )
  const inHead = parameters.map(({ name, in: place, required, description }) => ({
    name,
    kind: required ? place : `${place}, optional`,
    description,
  }))
  const [body, ...others] = Object.entries(requestBody?.content ?? {})
  const types = [body, ...others].flatMap((content) => content?.[0] ?? [])
  if (credentials.length + inHead.length + types.length === 0) return undefined
  return html`<h4>Takes</h4>
${credentials}${list(inHead)}${body && html`<p>Body: ${types.join(', ')}</p>\n`}${list(fieldsOf(body?.[1].schema, schemas))}`
}

function gives(
  status: string,
  { description, headers, content = {} }: Response,
  schemas: NamedSchemas,
): Html {
  const inHead = Object.entries(headers).flatMap(([name, header]) =>
    'description' in header ? [{ name, kind: 'header', description: header.description }] : [],
  )
  const bodies = Object.entries(content).map(([type, { schema, example }]) => {
    const shown = typeof example === 'string' ? example : JSON.stringify(example, undefined, 2)
    return html`<p>Body: ${type}</p>
${list(fieldsOf(schema, schemas))}${shown && html`<pre><code>${shown}</code></pre>\n`}`
  })
  return html`<h4>Gives <b>${status}</b></h4>
<p>${description}</p>
${list(inHead)}${bodies}`
}

function failsWith(status: string, { 'x-errors': codes }: Response): Html | undefined {
  const links = codes?.map((code) => html` <a href="#error-${code}"><code>${code}</code></a>`)
  return links && html`<li><b>${status}</b><span>${links}</span></li>\n`
}

function list(fields: readonly Field[]): Html | undefined {
  if (fields.length === 0) return undefined
  const rows = fields.map(
    ({ name, kind, description }) =>
      html`<div><dt><code>${name}</code> <i>${kind}</i></dt><dd>${description}</dd></div>\n`,
  )
  return html`<dl>\n${rows}</dl>\n`
}

/** The fields of an object, those of objects within it by their path: `sessions[].id`. */
function fieldsOf(schema: AnySchema, schemas: NamedSchemas, within = ''): Field[] {
  const { properties = {}, required = [] } = resolve(schema, schemas)
  return Object.entries(properties).flatMap(([field, value]) => {
    const name = within + field
    const { type = 'any', format, items, description } = resolve(value, schemas)
    const kind = [format ?? type, ...(required.includes(field) ? [] : ['optional'])].join(', ')
    const inner =
      type === 'array' ? fieldsOf(items, schemas, `${name}[].`) : fieldsOf(value, schemas, `${name}.`)
    return [{ name, kind, description }, ...inner]
  })
}
