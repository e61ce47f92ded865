/** The OpenAPI document as one page of HTML, which needs no script and loads nothing. */
import { badge, type Entry, operationArticle } from './docs-operation.js'
import type { ErrorForm } from './errors.js'
import { type Html, html } from './html.js'
import type { OpenApi } from './openapi.js'

interface Group {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly entries: readonly Entry[]
}

/** @param style the style sheet, which goes into the page as it is */
export function docsPage(document: OpenApi, style: string): string {
  const { info, components } = document
  const groups = groupsOf(document)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${info.title} ${info.version}: routes and errors</title>
${{ html: `<style>${style}</style>` }}
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<nav aria-label="Contents">
<p><a class="brand" href="#content">${info.title}</a> <small>${info.version}</small></p>
${groups.map(contents)}
<h2><a href="#credentials">Credentials</a></h2>
<h2><a href="#errors">Errors</a></h2>
</nav>
<main id="content" tabindex="-1">
<h1>${info.title}</h1>
${info.description.split('\n\n').map((text) => html`<p>${text}</p>\n`)}
<p>For programs: <a href="openapi.json">openapi.json</a></p>
${groups.map((group) => section(group, document))}
<section>
<h2 id="credentials">Credentials</h2>
<dl>${Object.entries(components.securitySchemes).map(credential)}</dl>
</section>
<section>
<h2 id="errors">Errors</h2>
<p>${components.schemas['Problem']?.description}</p>
<dl>${Object.entries(document['x-errors']).map(errorRow)}</dl>
</section>
</main>
</body>
</html>
`.html
}

function groupsOf({ tags, paths }: OpenApi): Group[] {
  const entries = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  )
  return tags.map(({ name, description }) => ({
    id: name.toLowerCase().replaceAll(' ', '-'),
    name,
    description,
    entries: entries.filter(({ operation }) => operation.tags.includes(name)),
  }))
}

function contents({ id, name, entries }: Group): Html {
  const items = entries.map(
    ({ method, path, operation }) =>
      html`<li><a href="#${operation.operationId}">${badge(method)} ${path}</a></li>\n`,
  )
  return html`<h2><a href="#${id}">${name}</a></h2>
<ul>
${items}</ul>
`
}

function section({ id, name, description, entries }: Group, { components }: OpenApi): Html {
  return html`<section>
<h2 id="${id}">${name}</h2>
<p>${description}</p>
${entries.map((entry) => operationArticle(entry, components.schemas))}</section>
`
}

function credential([name, { scheme, description }]: [
  string,
  { scheme: string; description: string },
]): Html {
  const shown = scheme === 'basic' ? html`Basic base64(name:key)` : html`Bearer &lt;${name}&gt;`
  return html`<div id="credentials-${name}">
<dt><code>Authorization: ${shown}</code></dt>
<dd>${description}</dd>
</div>
`
}

function errorRow([code, { status, action, title, retryAfter }]: [string, ErrorForm]): Html {
  return html`<div id="error-${code}">
<dt><a href="#error-${code}"><code>${code}</code></a> <b>${status}</b> <i>${action}</i></dt>
<dd>${title.en}<br><span lang="zh-CN">${title.zh}</span>${
    retryAfter === undefined ? '' : html`<br>Retry-After: ${retryAfter}`
  }</dd>
</div>
`
}
