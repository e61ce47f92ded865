/** A request's headers: `request.headers` of Node, or the `Headers` of fetch. */
export type HeadersLike =
  | { get(name: string): string | null }
  | { readonly [name: string]: string | readonly string[] | undefined }

/** The value of a header by its name in lower case; '' without it, and one text with commas where it came twice. */
export function headerOf(headers: HeadersLike, name: string): string {
  if (typeof headers.get === 'function') return headers.get(name) ?? ''
  const value = (headers as { readonly [name: string]: string | readonly string[] | undefined })[name]
  return typeof value === 'string' ? value : (value?.join(', ') ?? '')
}
