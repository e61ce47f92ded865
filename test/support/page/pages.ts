/** The pages of this repository, and what stands in them. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const read = (path: string) => readFileSync(path, 'utf8')

/** Every page that is written by hand. */
export const pages = ['.', 'docs', 'deploy', 'client', 'simulator', 'sandbox', 'verify', 'examples'].flatMap(
  (folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
)

/** The code blocks of a page, each with its language. */
export const codeOf = (page: string) =>
  [...read(page).matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].map(([, language = '', code = '']) => ({
    language,
    code,
  }))

/** Where a page links to in this repository: the page itself, and the heading on it. */
export const linksOf = (page: string) =>
  [...read(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)].map(([, path = '', heading]) => ({
    target: path === '' ? page : join(dirname(page), path),
    heading,
  }))

/** The page without its code blocks, in which a comment may look like a heading. */
export const prose = (page: string) => read(page).replace(/^```[\s\S]*?^```/gm, '```')
/** What a link to a heading has behind its `#`. */
export const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-')

export const headings = (page: string) => [...prose(page).matchAll(/^(#+) (.+)$/gm)]
