import { expect } from 'chai'
import { callIn } from '#src/app/command/call.js'
import { WrongCall } from '#src/app/command/failure.js'
import { helpText } from '#src/app/command/help.js'

const refusalOf = (...args: string[]): string => {
  try {
    callIn(args)
  } catch (error) {
    if (error instanceof WrongCall) return `${error.text.en} ${error.text.zh}`
    throw error
  }
  throw new Error('it was taken')
}

describe('the command line', () => {
  it('serves where nothing is said', () => {
    expect(callIn([])).to.deep.equal({ name: 'serve', envFile: undefined })
    expect(callIn(['--env-file', 'a.env'])).to.deep.equal({ name: 'serve', envFile: 'a.env' })
  })

  it('takes options before and behind the command, and either form of a value', () => {
    const call = { name: 'sessions', envFile: 'a', openid: 'o1', appid: 'wx1' }
    expect(callIn(['--env-file', 'a', 'sessions', 'o1', '--appid=wx1'])).to.deep.equal(call)
    expect(callIn(['sessions', '--appid', 'wx1', '--env-file=a', '--', 'o1'])).to.deep.equal(call)
  })

  it('takes an openid that begins with a dash behind --', () => {
    expect(callIn(['revoke', '--', '-o1'])).to.include({ name: 'revoke', openid: '-o1' })
  })

  it('prefers help and version to whatever else is said rightly', () => {
    expect(callIn(['backup', '--help'])).to.deep.equal({ name: 'help' })
    expect(callIn(['-h'])).to.deep.equal({ name: 'help' })
    expect(callIn(['-v'])).to.deep.equal({ name: 'version' })
  })

  it('names what is wrong with a call, in both languages', () => {
    const cases: [string[], RegExp][] = [
      [['serve'], /no command serve.*没有命令 serve/],
      [['toString'], /no command toString/],
      [['--port', '1'], /r3session takes no --port/],
      [['sandbox', '--port', '70000'], /from 0 to 65535.*0 至 65535/],
      [['sandbox', '--port', '1e3'], /from 0 to 65535/],
      [['copy', 'here'], /so many arguments/],
      [['--constructor'], /no option --constructor/],
      [['sessions'], /needs an argument: <openid>.*缺少参数/],
      [['sessions', ''], /needs an argument/],
      [['sessions', 'a', 'b'], /so many arguments/],
      [['doctor', 'now'], /doctor does not take so many arguments/],
      [['backup', 'f', '--end-sessions'], /backup takes no --end-sessions/],
      [['sessions', 'o', '--appid'], /--appid needs a value/],
      [['sessions', 'o', '--appid='], /--appid needs a value/],
      [['--help=yes'], /--help takes no value/],
      [['sessions', 'o', '--appid', 'a', '--appid', 'b'], /--appid is given twice/],
    ]
    for (const [args, text] of cases) expect(refusalOf(...args), args.join(' ')).to.match(text)
  })

  it('is told of in both languages with the same commands and options', () => {
    const words = (text: string) => text.match(/ r3session [a-z]+|--[a-z-]+|<[a-z]+>/g)
    expect(words(helpText('zh'))).to.deep.equal(words(helpText('en')))
    for (const name of words(helpText('en')) ?? []) {
      if (!name.startsWith(' ')) continue
      const [, command = ''] = name.trim().split(' ')
      expect(() =>
        callIn([command, ...(/backup|restore|sess|revoke|forget/.test(command) ? ['x'] : [])]),
      ).not.to.throw()
    }
  })
})
