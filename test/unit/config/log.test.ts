import { Writable } from 'node:stream'
import { expect } from 'chai'
import { createLog } from '#src/app/log/log.js'
import { createLogOutput } from '#src/app/log/output.js'
import { prettyLine } from '#src/app/log/pretty.js'

/** A stream whose reader the test plays: nothing is taken before `read`, everything fails while `error` is set. */
function stubbornStream() {
  const state = { text: '', error: undefined as Error | undefined, isReading: false }
  let pending: (() => void)[] = []
  const stream = new Writable({
    decodeStrings: false,
    autoDestroy: false,
    write(chunk, _encoding, done) {
      const take = () => {
        if (state.error === undefined) state.text += chunk
        done(state.error)
      }
      if (state.isReading) take()
      else pending.push(take)
    },
  })
  return {
    stream,
    state,
    read() {
      state.isReading = true
      for (const take of pending) take()
      pending = []
    },
  }
}
const soon = () => new Promise((resolve) => setImmediate(resolve))

describe('the log', () => {
  it('drops what nobody takes, and says how much once somebody does', async () => {
    const { stream, state, read } = stubbornStream()
    const { log, dropped, flush } = createLog({ logFormat: 'json', logLevel: 'info' }, stream)
    for (let line = 0; line < 20_000; line++) log.info({ filler: 'x'.repeat(80) }, 'request')
    expect(dropped()).to.be.greaterThan(5000)
    expect(stream.writableLength).to.be.at.most(1_048_576)
    read()
    await flush()
    await soon()
    const lines = state.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.at(-1)).to.include({ level: 'warn', lines: dropped() })
    expect(lines.filter(({ msg }) => msg === 'request')).to.have.lengthOf(20_000 - dropped())
  })

  it('says how much was dropped once for each time', async () => {
    const told: number[] = []
    const { stream, read, state } = stubbornStream()
    const output = createLogOutput(stream, { maxWaiting: 10, onDropped: (lines) => told.push(lines) })
    for (const line of ['123456789\n', 'too much\n', 'too much\n']) output.write(line)
    read()
    await soon()
    output.write('more\n')
    await soon()
    expect(told).to.deep.equal([2])
    expect(output.dropped()).to.equal(2)
    state.isReading = false
  })

  it('ends when its reader does not take the last lines', async () => {
    const { stream } = stubbornStream()
    const { log, flush } = createLog({ logFormat: 'json', logLevel: 'info' }, stream)
    log.info('last words')
    await flush()
    expect(stream.writableLength).to.be.greaterThan(0)
  })

  it('waits for its last lines where somebody takes them', async () => {
    const { stream, state, read } = stubbornStream()
    const { log, flush } = createLog({ logFormat: 'json', logLevel: 'info' }, stream)
    log.info('last words')
    setImmediate(read)
    await flush()
    expect(state.text).to.include('last words')
  })

  it('writes the lines of one turn of the loop together, and at once what was asked for', async () => {
    const written: string[] = []
    const stream = Object.assign(new Writable(), {
      write(chunk: string) {
        written.push(chunk)
        return true
      },
    })
    const output = createLogOutput(stream, { onDropped: () => {} })
    for (const line of ['one\n', 'two\n']) output.write(line)
    expect(written).to.deep.equal([])
    await soon()
    expect(written).to.deep.equal(['one\ntwo\n'])
    output.write('three\n')
    output.send()
    expect(written).to.deep.equal(['one\ntwo\n', 'three\n'])
  })

  it('counts what a broken output refuses, and goes on', async () => {
    const told: number[] = []
    const disk = { isFull: true, text: '' }
    const stream = Object.assign(new Writable(), {
      write(chunk: string, done: (error?: Error) => void) {
        if (!disk.isFull) disk.text += chunk
        done(disk.isFull ? new Error('ENOSPC') : undefined)
        return true
      },
    })
    const output = createLogOutput(stream, { onDropped: (lines) => told.push(lines) })
    for (const line of ['one\n', 'two\n']) output.write(line)
    await output.drained()
    expect(output.dropped()).to.equal(2)
    expect(told).to.deep.equal([])
    disk.isFull = false
    output.write('three\n')
    await output.drained()
    expect(disk.text).to.equal('three\n')
    expect(told).to.deep.equal([2])
  })

  it('is JSON unless it goes to a terminal, or somebody says otherwise', async () => {
    const written = async (logFormat: 'pretty' | 'json' | undefined, isTTY: boolean) => {
      const { stream, state, read } = stubbornStream()
      read()
      createLog({ logFormat, logLevel: 'info' }, Object.assign(stream, { isTTY })).log.info({ a: 1 }, 'hello')
      await soon()
      return state.text
    }
    expect(JSON.parse(await written(undefined, false))).to.include({ msg: 'hello', a: 1 })
    expect(JSON.parse(await written('json', true))).to.include({ msg: 'hello', a: 1 })
    expect(await written(undefined, true)).to.match(/^\d\d:\d\d:\d\d INFO {2}hello {2}a=1\n$/)
    expect(await written('pretty', false)).to.match(/INFO {2}hello {2}a=1\n$/)
  })

  it('does not let a stopped terminal stop the service', () => {
    const asked: boolean[] = []
    const { stream } = stubbornStream()
    const terminal = Object.assign(stream, {
      isTTY: true,
      _handle: { setBlocking: (blocking: boolean) => asked.push(blocking) },
    })
    expect(createLog({ logFormat: undefined, logLevel: 'info' }, terminal).isWatched).to.equal(true)
    expect(asked).to.deep.equal([false])
    expect(createLog({ logFormat: undefined, logLevel: 'warn' }, terminal).isWatched).to.equal(false)
    expect(createLog({ logFormat: 'json', logLevel: 'info' }, terminal).isWatched).to.equal(false)
  })
})

describe('a readable line', () => {
  const line = (fields: object) =>
    prettyLine(`${JSON.stringify({ level: 'info', time: 0, ...fields })}\n`, false)

  it('begins with what happened', () => {
    const request = {
      requestId: 'r1',
      method: 'POST',
      route: '/v1/login',
      status: 201,
      ms: 3.2,
      msg: 'request',
    }
    expect(line(request)).to.match(/^[\d:]{8} INFO {2}POST \/v1\/login 201 3.2 ms {2}requestId=r1\n$/)
  })

  it('shows objects as JSON, and text that has blanks in it in quotes', () => {
    expect(line({ msg: 'm', cause: { kind: 'TypeError' }, why: 'two words', zh: '中文' })).to.match(
      / {2}cause=\{"kind":"TypeError"\} {2}why="two words" {2}zh=中文\n$/,
    )
  })

  it('is one line and moves no cursor, whatever is in it', () => {
    for (const odd of ['a\nb', '\u001b[2J', 'x\u009b2J', '\r', '\u0007', '\u2028']) {
      for (const text of [
        line({ msg: odd }),
        line({ msg: 'm', field: odd }),
        line({ msg: 'request', method: odd }),
      ]) {
        expect(text.trimEnd(), JSON.stringify(odd)).not.to.match(/[\p{Cc}\u2028]/u)
      }
    }
  })

  it('has a colour for its level where somebody sees it', () => {
    const coloured = (level: string) => prettyLine(JSON.stringify({ level, time: 0, msg: 'm' }), true)
    expect(coloured('error')).to.include('\u001b[31mERROR\u001b[0m')
    expect(coloured('odd')).not.to.include('\u001b')
  })

  it('that is no JSON stays as it is', () => {
    expect(prettyLine('hello\n', true)).to.equal('hello\n')
  })
})
