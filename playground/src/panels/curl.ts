import type { Exchange } from '../journal/journal.js'
import { headerNamed } from '../page/values.js'

/** A request as a command for a shell, with the token as it is: it works when it is pasted. */
export function curlOf({ method, path, header, body }: Exchange, origin: string): string {
  const type =
    body === undefined || headerNamed(header, 'content-type') ? {} : { 'Content-Type': 'application/json' }
  const fields = Object.entries({ ...header, ...type }).flatMap(([name, value]) => [
    '-H',
    quoted(`${name}: ${value}`),
  ])
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const data = body === undefined ? [] : ['-d', quoted(text)]
  return [
    'curl',
    ...(method === 'GET' ? [] : ['-X', method]),
    quoted(origin + path),
    ...fields,
    ...data,
  ].join(' ')
}

/** For a POSIX shell, in which nothing within single quotes means anything but their end. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
