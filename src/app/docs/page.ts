/** The OpenAPI document as one page of HTML, which is whole without its script and loads nothing. */

import type { Language } from '../config/language.js'
import type { ErrorForm } from '../http/problems.js'
import { inChinese } from './chinese.js'
import { type ErrorHelp, errorHelp } from './help.js'
import { type Html, html } from './html.js'
import type { OpenApi } from './openapi.js'
import { badge, type Entry, operationArticle, type View } from './operation.js'
import { docsTexts } from './texts.js'

/** Who the page is for. */
export interface Reader {
  readonly language: Language
  /** Scheme and host they asked at. */
  readonly origin: string
}

interface Group {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly entries: readonly Entry[]
}

/**
 * @param parts the style sheet and the script, which go into the page as they are
 * @param say puts a text of the document into the reader's language
 */
export function docsPage(
  document: OpenApi,
  { language, origin }: Reader,
  { style, script }: { style: string; script: string },
  say: (text: string) => string = language === 'zh' ? inChinese : (text) => text,
): string {
  const { info, components, paths } = document
  const groups = groupsOf(document)
  const hasSandbox = '/sandbox/login' in paths
  const words = docsTexts[language]
  const view: View = {
    say,
    words,
    schemas: components.schemas,
    origin,
    hasSandbox,
  }
  const other = language === 'zh' ? 'en' : 'zh'
  const otherTag = language === 'zh' ? 'en' : 'zh-CN'
  return html`<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${info.title} ${info.version}: ${words.heading}</title>
${{ html: `<style>${style}</style>` }}
</head>
<body id="top" data-copy="${words.copy}" data-copied="${words.copied}">
<a class="skip" href="#content">${words.skip}</a>
<nav aria-label="${words.contents}">
<p><a class="brand" href="#top">${info.title}</a> <small>${info.version}</small></p>
<p class="ways">${hasSandbox && html`<a href="./">&larr; ${words.playground}</a> `}<a href="?lang=${other}" lang="${otherTag}" hreflang="${otherTag}">${words.language}</a></p>
${groups.map((group) => contents(group, view))}
<h2><a href="#credentials">${words.credentials}</a></h2>
<h2><a href="#errors">${words.errors}</a></h2>
</nav>
<main id="content" tabindex="-1">
<h1>${info.title}</h1>
${info.description.split('\n\n').map((text) => html`<p>${view.say(text)}</p>\n`)}
<p>${words.forPrograms}<a href="openapi.json">openapi.json</a></p>
${groups.map((group) => section(group, view))}
<section>
<h2 id="credentials">${words.credentials}</h2>
<dl>${Object.entries(components.securitySchemes).map((scheme) => credential(scheme, view))}</dl>
</section>
<section>
<h2 id="errors">${words.errors}</h2>
<p>${view.say(components.schemas['Problem']?.description ?? '')}</p>
<dl>${Object.entries(document['x-errors']).map((row) => errorRow(row, language))}</dl>
</section>
<p><a href="#top">&uarr; ${words.top}</a></p>
</main>
${{ html: `<script>${script}</script>` }}
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

function contents({ id, name, entries }: Group, { say }: View): Html {
  const items = entries.map(
    ({ method, path, operation }) =>
      html`<li><a href="#${operation.operationId}">${badge(method)} ${path}</a></li>\n`,
  )
  return html`<h2><a href="#${id}">${say(name)}</a></h2>
<ul>
${items}</ul>
`
}

function section({ id, name, description, entries }: Group, view: View): Html {
  return html`<section>
<h2 id="${id}">${view.say(name)}</h2>
<p>${view.say(description)}</p>
${entries.map((entry) => operationArticle(entry, view))}</section>
`
}

function credential(
  [name, { scheme, description }]: [string, { scheme: string; description: string }],
  { say }: View,
): Html {
  const shown = scheme === 'basic' ? html`Basic base64(name:key)` : html`Bearer &lt;${name}&gt;`
  return html`<div id="credentials-${name}">
<dt><code>Authorization: ${shown}</code></dt>
<dd>${say(description)}</dd>
</div>
`
}

function errorRow(
  [code, { status, action, title, retryAfter }]: [string, ErrorForm],
  language: Language,
): Html {
  const titles = [html`<span lang="en">${title.en}</span>`, html`<span lang="zh-CN">${title.zh}</span>`]
  const help = (errorHelp as Readonly<Record<string, ErrorHelp>>)[code]
  const [first, second] = language === 'zh' ? titles.reverse() : titles
  return html`<div id="error-${code}">
<dt><a href="#error-${code}"><code>${code}</code></a> <b>${status}</b> <i>${action}</i></dt>
<dd>${first}<br>${second}${retryAfter === undefined ? '' : html`<br>Retry-After: ${retryAfter}`}
${[help?.cause, help?.cure].map(
  (text) =>
    text &&
    html`<p>${withCode(text[language])}</p>
`,
)}</dd>
</div>
`
}

/** A text in which what stands between backticks is code. */
function withCode(text: string): Html[] {
  return text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))
}
