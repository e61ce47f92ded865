/** How a JSON text is built, told before it is parsed: parsing thousands of fields takes long, a deep one much memory. */

/**
 * Whether the text, if it is JSON, nests deeper than `maxDepth` or has more than `maxTokens` strings, commas and
 * brackets. Goes through the text once and stops as soon as it knows.
 */
export function overgrown(
  text: string,
  { maxDepth, maxTokens }: { maxDepth: number; maxTokens: number },
): 'deep' | 'many' | undefined {
  const structure = /["[\]{},]/g
  let depth = 0
  for (let tokens = 1; ; tokens++) {
    const match = structure.exec(text)
    if (match === null) return undefined
    if (tokens > maxTokens) return 'many'
    const [token] = match
    if (token === '"') structure.lastIndex = endOfString(text, match.index)
    else if (token === '[' || token === '{') depth++
    else if (token === ']' || token === '}') depth--
    if (depth > maxDepth) return 'deep'
  }
}

/** Where the text goes on after the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = start; ; ) {
    end = text.indexOf('"', end + 1)
    if (end < 0) return text.length
    let escapes = 0
    while (text[end - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return end + 1
  }
}
