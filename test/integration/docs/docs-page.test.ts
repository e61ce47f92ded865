import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { z } from 'zod'
import { chinese } from '#src/app/docs/chinese.js'
import { errorHelp } from '#src/app/docs/help.js'
import { type OpenApi, openApi } from '#src/app/docs/openapi.js'
import { docsPage } from '#src/app/docs/page.js'
import { headers } from '#src/app/http/fields.js'
import { route } from '#src/app/http/route.js'
import { errorCodes } from '#src/domain/errors.js'
import { type Answer, type RunningService, startService } from '../../support/service/start-service.js'

const serviceKey = 'docs-key-0123456789abcdef0123456789abcdef'

describe('the documentation page', () => {
  let service: RunningService
  let page: Answer
  before(async () => {
    const env = { WECHAT_APPID: '', WECHAT_SECRET: '', SERVICE_KEYS: `docs:${serviceKey}` }
    service = await startService({ env })
    page = await service.call('GET', '/docs')
  })
  after(() => service.close())

  it('loads nothing and runs nothing but its own script, and its policy says so', () => {
    expect(page.headers.get('content-type')).to.equal('text/html; charset=utf-8')
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(page.text) ?? []
    const [, script = ''] = /<script>(.*?)<\/script>/s.exec(page.text) ?? []
    const hash = (text: string) => createHash('sha256').update(text).digest('base64')
    expect(page.headers.get('content-security-policy'))
      .to.include("default-src 'none'")
      .and.include(`style-src 'sha256-${hash(style)}'`)
      .and.include(`script-src 'sha256-${hash(script)}'`)
    const markup = page.text.replace(/<script>.*?<\/script>/s, '')
    expect(markup).not.to.match(/<(script|img|link|iframe|object|embed|form)\b|\son\w+=|\bsrc=|style=/i)
    expect(style).not.to.match(/url\(|@import/)
    expect(script).not.to.match(/\bimport\b|fetch|innerHTML|eval/)
    const links = [...page.text.matchAll(/href="([^"]*)"/g)].map(([, target = '']) => target)
    expect(links.filter((target) => !target.startsWith('#'))).to.deep.equal([
      './',
      '?lang=zh',
      'openapi.json',
    ])
  })

  it('has an anchor for every route and every error, and no link to nowhere', async () => {
    const ids = [...page.text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size, 'ids are unique').to.equal(ids.length)
    const { paths }: OpenApi = JSON.parse((await service.call('GET', '/openapi.json')).text)
    const operations = Object.values(paths).flatMap((byMethod) => Object.values(byMethod))
    expect(ids).to.include.members(operations.map(({ operationId }) => operationId))
    expect(ids).to.include.members(errorCodes.map((code) => `error-${code}`))
    const links = [...page.text.matchAll(/href="#([^"]*)"/g)].map(([, target]) => target)
    expect(links.filter((target) => !ids.includes(target))).to.deep.equal([])
  })

  it('says the titles of errors in both languages', () => {
    expect(page.text).to.include('The login code has been used already').and.include('登录 code 已被使用')
  })

  it('says of every error why it comes about and what helps, in the language of the reader', async () => {
    const chinese = await service.call('GET', '/docs?lang=zh')
    for (const code of errorCodes) {
      const { cause, cure } = errorHelp[code]
      for (const [{ text }, language] of [
        [page, 'en'],
        [chinese, 'zh'],
      ] as const) {
        const [row = ''] = text.split(`<div id="error-${code}">`)[1]?.split('</div>') ?? []
        const said = row
          .replace(/<[^>]*>/g, '')
          .replaceAll('&#39;', "'")
          .replaceAll('&#60;', '<')
          .replaceAll('&#62;', '>')
        expect(said, code).to.include(cause[language].replaceAll('`', ''))
        expect(said, code).to.include(cure[language].replaceAll('`', ''))
      }
    }
  })

  it('leads back to the playground where there is one, and to its own top everywhere', async () => {
    expect(page.text).to.include('<a href="./">').and.include('<a href="#top">')
    const production = await startService()
    try {
      const { text } = await production.call('GET', '/docs')
      expect(text).not.to.include('<a href="./">')
      expect(text).to.include('<a href="#top">')
    } finally {
      await production.close()
    }
  })

  it('is Chinese for those whose browser asks for it or who choose it, and says which it is', async () => {
    const inLanguage = async (query: string, wanted: string) => {
      const { headers, text } = await service.call('GET', `/docs${query}`, {
        headers: { 'accept-language': wanted },
      })
      expect(headers.get('vary')).to.equal('Accept-Language')
      const [, lang] = /<html lang="([^"]*)">/.exec(text) ?? []
      expect(headers.get('content-language')).to.equal(lang)
      return lang
    }
    expect(await inLanguage('', 'zh-CN,zh;q=0.9,en;q=0.8')).to.equal('zh-CN')
    expect(await inLanguage('', 'en-GB,en;q=0.9,zh;q=0.1')).to.equal('en')
    expect(await inLanguage('', 'fr')).to.equal('en')
    expect(await inLanguage('?lang=en', 'zh')).to.equal('en')
    expect(await inLanguage('?lang=zh', 'en')).to.equal('zh-CN')
    expect(await inLanguage('?lang=xx', 'zh')).to.equal('zh-CN')
  })

  it('has every text of the document in Chinese, and no translation of what is not there', async () => {
    const document: OpenApi = JSON.parse((await service.call('GET', '/openapi.json')).text)
    const said = new Set<string>()
    const say = (text: string) => {
      said.add(text)
      return text
    }
    docsPage(document, { language: 'en', origin: '' }, { style: '', script: '' }, say)
    expect([...said].filter((text) => !Object.hasOwn(chinese, text))).to.deep.equal([])
    expect(Object.keys(chinese).filter((text) => !said.has(text))).to.deep.equal([])
    for (const [text, translated] of Object.entries(chinese)) {
      expect(translated, text).to.match(/[\u4e00-\u9fff]/)
    }
  })

  it('shows text as text, whatever it holds', () => {
    const evil = '</code></style><script>alert("1")</script>\'&'
    const hostile = route({
      method: 'GET',
      path: `/${evil}`,
      lane: 'other',
      summary: evil,
      headers: headers(z.object({ [evil]: z.string().describe(evil) })),
      success: { status: 200, means: evil, headers: { [evil]: evil } },
      errors: [],
      handle: async () => ({}),
    })
    const reader = { language: 'en', origin: evil } as const
    const html = docsPage(openApi([hostile], { version: evil }), reader, { style: '', script: '' })
    expect(html.replace('<script></script>', '')).not.to.include('<script').and.not.include('alert("')
    expect(html.match(/alert\(&#34;1&#34;\)/g)).to.have.length.greaterThan(8)
  })
})
