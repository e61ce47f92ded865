import type { Entry } from './docs-operation.js'

/** The operation as a command for a shell: the document's own examples, and variables for what has none. */
export function curl({ method, path, operation }: Entry): string {
  const { security, parameters, requestBody } = operation
  const asked = parameters.filter(({ in: place, required }) => place === 'query' && required)
  const query = asked.map(({ name, schema: { examples } }) =>
    examples === undefined ? `${name}=$${name}` : `${name}=${encodeURIComponent(String(examples[0]))}`,
  )
  const address = path.replace(/\{(\w+)\}/g, '$$$1') + (query.length > 0 ? `?${query.join('&')}` : '')
  // The first of several schemes is the simplest to send.
  const credentials = security.slice(0, 1).flatMap((needed) => Object.keys(needed))
  const bodies = Object.entries(requestBody?.content ?? {}).slice(0, 1)
  return [
    `curl${method === 'GET' ? '' : ` -X ${method}`} "http://localhost:3000${address}"`,
    ...credentials.map((scheme) => `-H "Authorization: Bearer $${scheme}"`),
    ...bodies.flatMap(([type, { example }]) => [
      `-H 'Content-Type: ${type}'`,
      // Within single quotes a shell takes all but the quote itself as it is.
      `-d '${JSON.stringify(example).replaceAll("'", "'\\''")}'`,
    ]),
  ].join(' \\\n  ')
}
