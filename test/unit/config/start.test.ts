import { Writable } from 'node:stream'
import { expect } from 'chai'
import { inLanguage, languageOf } from '#src/app/config/language.js'
import { announce } from '#src/app/log/announce.js'
import { createLog } from '#src/app/log/log.js'
import { listenAdvice } from '#src/app/log/start-advice.js'

describe('advice on a port that can not be had', () => {
  const advice = (code: string | undefined, host = '0.0.0.0', port = 3000) =>
    listenAdvice(code, { host, port })

  it('names the cure', () => {
    expect(advice('EADDRINUSE').en).to.match(/try PORT=3001/)
    expect(advice('EADDRINUSE', '::', 65_535).en).to.match(/try PORT=3000/)
    for (const code of ['EACCES', 'EPERM'])
      expect(advice(code, '::', 80).en).to.match(/port 80 .*try PORT=3000/)
    for (const code of ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'])
      expect(advice(code, '10.9.9.9').en).to.match(
        /^10\.9\.9\.9 is no address of this machine: try HOST=0\.0\.0\.0/,
      )
    for (const code of ['ENOTFOUND', 'EAI_AGAIN'])
      expect(advice(code, 'nowhere').en).to.match(/^nowhere is a name/)
    expect(advice(undefined).en).to.equal('check HOST and PORT')
  })

  it('says the same in Chinese', () => {
    for (const code of ['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND', 'x'])
      expect(advice(code).zh, code).to.match(/[\u4e00-\u9fff]/)
  })
})

describe('the language of the terminal', () => {
  it('is that of LC_ALL, LC_MESSAGES, LANG, the first that is set', () => {
    expect(languageOf({})).to.equal('en')
    expect(languageOf({ LANG: 'de_DE.UTF-8' })).to.equal('en')
    for (const locale of ['zh_CN.UTF-8', 'zh', 'zh_TW', 'zh-Hans', 'ZH_cn'])
      expect(languageOf({ LANG: locale })).to.equal('zh')
    expect(languageOf({ LANG: 'zha_CN' })).to.equal('en')
    expect(languageOf({ LC_ALL: 'C', LANG: 'zh_CN.UTF-8' })).to.equal('en')
    expect(languageOf({ LC_ALL: '', LC_MESSAGES: 'zh_CN', LANG: 'en_US' })).to.equal('zh')
  })

  it('leaves what is the same in all as it is', () => {
    expect(inLanguage('zh', 'EIO')).to.equal('EIO')
  })
})

describe('a start', () => {
  const said = async (
    options: {
      isTTY?: boolean
      sandboxUrl?: string
      host?: string
      language?: 'en' | 'zh'
      port?: number
    } = {},
  ) => {
    const { isTTY = false, sandboxUrl, host = '0.0.0.0', language = 'en', port = 3000 } = options
    let text = ''
    const stream = new Writable({
      write(chunk, _encoding, done) {
        text += chunk
        done()
      },
    })
    const output = createLog({ logFormat: undefined, logLevel: 'info' }, Object.assign(stream, { isTTY }))
    const warnings = [{ en: 'odd', zh: '奇怪' }]
    announce(output, { host, port, sandboxUrl }, { warnings, language })
    await output.flush()
    return text
  }

  it('says three things to somebody at a terminal: where, what, and what to do next', async () => {
    const lines = (await said({ isTTY: true, sandboxUrl: 'http://127.0.0.1:1' }))
      .split('\n')
      .filter((line) => /^ {2}/.test(line))
    expect(lines).to.have.lengthOf(3)
    expect(lines[0]).to.include('http://localhost:3000')
    expect(lines[1]).to.match(/SANDBOX.*anybody can log in as anybody/)
    expect(lines[2]).to.match(/WECHAT_APPID/)
    expect(await said({ isTTY: true, language: 'zh' })).to.match(
      /监听 http:\/\/localhost:3000\n.*\n.*npx r3session doctor/,
    )
  })

  it('logs the same as JSON elsewhere, with what is odd about the settings', async () => {
    const lines = (await said({ sandboxUrl: 'http://127.0.0.1:1' }))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ level }) => level)).to.deep.equal(['warn', 'warn', 'info'])
    expect(lines[0].msg).to.equal('odd')
    expect(lines[1].msg).to.match(/SANDBOX/)
    expect(lines[2]).to.include({ msg: 'listening', port: 3000, url: 'http://localhost:3000' })
  })

  it('names an address that can be opened', async () => {
    const url = async (host: string) => /"url":"([^"]*)"/.exec(await said({ host }))?.[1]
    expect(await url('::')).to.equal('http://localhost:3000')
    expect(await url('10.0.0.1')).to.equal('http://10.0.0.1:3000')
    expect(await url('fd00::1')).to.equal('http://[fd00::1]:3000')
  })
})
