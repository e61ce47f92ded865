import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { anchorOf, codeOf, headings, linksOf, pages, prose, read } from './support/page/pages.js'

describe('a newcomer', () => {
  it('finds every page from the README, in either language', () => {
    const found = new Set(['README.md'])
    for (const page of found) {
      for (const { target } of linksOf(page)) if (pages.includes(target)) found.add(target)
    }
    expect(pages.filter((page) => !found.has(page))).to.deep.equal([])
  })

  it('is led to headings that exist', () => {
    const dead = pages.flatMap((page) =>
      linksOf(page)
        .filter(({ target, heading }) => {
          return (
            heading !== undefined && !headings(target).some(([, , title = '']) => anchorOf(title) === heading)
          )
        })
        .map(({ target, heading }) => `${page}: ${target}#${heading}`),
    )
    expect(dead).to.deep.equal([])
  })
})

describe('llms.txt', () => {
  it('has the form of llmstxt.org, and leads to every English page and to nothing else', () => {
    expect(read('llms.txt')).to.match(
      /^# r3session\n\n> .+\n\n(?:- .+\n)+(?:\n## .+\n\n(?:- \[[^\]]+\]\([^)]+\): .+\n)+)+$/,
    )
    const named = linksOf('llms.txt').map(({ target }) => target)
    expect(named).to.have.members(pages.filter((page) => !page.endsWith('.zh-CN.md')))
  })
})

describe('the papers of those who use it', () => {
  it('are there in both languages', () => {
    // A section of each is in Chinese.
    const inOne = ['client/README.md', 'simulator/README.md', 'sandbox/README.md']
    const forDevelopers = ['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md']
    const lone = pages.filter(
      (page) => !page.endsWith('.zh-CN.md') && !pages.includes(page.replace(/\.md$/, '.zh-CN.md')),
    )
    expect(lone).to.have.members([...inOne, ...forDevelopers])
  })
})

describe('ARCHITECTURE.md', () => {
  it('has every folder of the tree, two deep in src, and no other', () => {
    const foldersIn = (folder: string) =>
      readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
    const inSrc = foldersIn('src')
    const made = ['node_modules', 'build', 'coverage', 'data']
    const there = [
      ...foldersIn('.').filter((name) => !name.startsWith('.') && !made.includes(name)),
      ...inSrc,
      ...inSrc.flatMap((name) => foldersIn(`src/${name}`)),
    ].filter((name) => name !== 'dist')
    const tree = codeOf('ARCHITECTURE.md')[0]?.code ?? ''
    const shown = [...tree.matchAll(/(?:^| {2,})([\w-]+)\/(?= |$)/gm)].map(([, name = '']) => name)
    expect([...new Set(shown)].sort()).to.deep.equal([...new Set(there)].sort())
  })
})

for (const chinese of pages.filter((page) => page.endsWith('.zh-CN.md'))) {
  describe(chinese, () => {
    const english = chinese.replace('.zh-CN.md', '.md')
    const both = <T>(of: (page: string) => T) => expect(of(chinese)).to.deep.equal(of(english))

    it('has headings, tables and code in the order of the English page', () => {
      both((page) => [...prose(page).matchAll(/^(#+ |\||```)/gm)].map(([start]) => start))
    })

    it('has a link from the English page and to it', () => {
      for (const [page, other] of [
        [english, chinese],
        [chinese, english],
      ] as const) {
        expect(linksOf(page).map(({ target }) => target)).to.include(other)
      }
    })

    it('has the tables of the English page, row for row', () => {
      both((page) => [...prose(page).matchAll(/^\|.*$/gm)].map(([row]) => row.split(/(?<!\\)\|/).length))
    })

    it('shows the same commands and code as the English page', () => {
      both((page) =>
        codeOf(page).map(({ language, code }) => ({ language, code: code.replace(/ *(#|\/\/ ).*/g, '') })),
      )
    })

    it('leads to the same pages as the English one, in Chinese where there is one', () => {
      both((page) =>
        linksOf(page)
          .map(({ target }) => target.replace('.zh-CN.md', '.md'))
          .filter((target) => target !== english)
          .sort(),
      )
      const lost = linksOf(chinese).filter(
        ({ target }) => target !== english && pages.includes(target.replace(/\.md$/, '.zh-CN.md')),
      )
      expect(lost).to.deep.equal([])
    })
  })
}
