import { expect } from 'chai'
import { failureOf, phone, thrownBy } from '../phone.js'

/** What comes back for what was stored, by both ways. */
async function readBack(value: unknown): Promise<unknown> {
  const wx = phone()
  await wx.setStorage({ key: 'async', data: value })
  const { data } = await wx.getStorage({ key: 'async' })
  wx.setStorageSync('sync', value)
  expect(wx.getStorageSync('sync')).to.deep.equal(data)
  return data
}

class Cat {
  readonly name = 'Mi'
  greet() {
    return 'meow'
  }
}

describe('values in the simulated storage', () => {
  // WeChat: Allowed data: primitives, Date, anything JSON.stringify can serialise; Real encoding: value is stored as
  // text plus a type tag ...: String/Number/Boolean/Null/Undefined/Date/Array/Object survive with type at top level
  const survivors: [string, unknown][] = [
    ['a string', 'smallerpig'],
    ['an empty string', ''],
    ['a string that looks like JSON', '{"a":1}'],
    ['a string with Chinese, emoji and half of one', '小猪🐷\ud83d'],
    ['a number', 18],
    ['a number with a fraction', -0.1],
    ['a large number', 1.5e300],
    ['NaN', Number.NaN],
    ['Infinity', Infinity],
    ['-Infinity', -Infinity],
    ['true', true],
    ['false', false],
    ['null', null],
    ['undefined', undefined],
    ['a date', new Date('2017-04-12T17:23:15.123Z')],
    ['an array', [1, 'two', [3], null]],
    ['an object', { name: 'smallerpig', sex: 1, age: 18 }],
    ['an object with a key __proto__', JSON.parse('{"__proto__":1}')],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
  ]
  for (const [name, value] of survivors) {
    it(`a stored value is read unchanged: ${name}`, async () => {
      expect(await readBack(value)).to.deep.equal(value)
    })
  }

  it('a stored -0 is read as 0', async () => {
    // WeChat: -0 → 0
    expect(Object.is(await readBack(-0), 0)).to.equal(true)
  })

  it('a stored invalid date is read as an invalid date', async () => {
    const date = (await readBack(new Date(Number.NaN))) as Date
    expect(date).to.be.a('date')
    expect(date.getTime()).to.deep.equal(Number.NaN)
  })

  it('inside stored objects and arrays the rules of JSON apply', async () => {
    // WeChat: Inside objects plain JSON rules (Date→ISO string, undefined/function dropped, NaN→null)
    const value = {
      date: new Date(0),
      undefined: undefined,
      function() {},
      nan: Number.NaN,
      list: [undefined, Infinity, new Map([[1, 2]])],
    }
    expect(await readBack(value)).to.deep.equal({
      date: '1970-01-01T00:00:00.000Z',
      nan: null,
      list: [null, null, {}],
    })
  })

  it('a stored class instance is read as a plain object', async () => {
    // WeChat: Class instances become plain objects
    const read = (await readBack(new Cat())) as object
    expect(read).to.deep.equal({ name: 'Mi' })
    expect(Object.getPrototypeOf(read)).to.equal(Object.prototype)
  })

  // WeChat: Anything else (Function, RegExp, Map, Set, ArrayBuffer, typed array, Symbol, BigInt, Error) is stored as
  // empty and reads back as ""
  const lost: [string, unknown][] = [
    ['a function', () => 1],
    ['an async function', async () => 1],
    ['a RegExp', /x/],
    ['a Map', new Map([[1, 2]])],
    ['a Set', new Set([1])],
    ['an ArrayBuffer', new ArrayBuffer(8)],
    ['a typed array', new Uint8Array(8)],
    ['a symbol', Symbol('x')],
    ['a BigInt', 1n],
    ['an Error', new Error('x')],
    ['a promise', Promise.resolve(1)],
    ['an object that calls itself something else', { [Symbol.toStringTag]: 'a,5;b' }],
    ['an object that calls itself nothing', { [Symbol.toStringTag]: '' }],
    ['an object that gives JSON nothing', { toJSON: () => undefined }],
  ]
  for (const [name, value] of lost) {
    it(`a stored value is read as '': ${name}`, async () => {
      expect(await readBack(value)).to.equal('')
    })
  }

  it('a value that JSON can’t represent is not stored, and the old value stays', async () => {
    // WeChat: Circular → fail setStorage:fail Converting circular structure to JSON… / sync throws the TypeError
    const wx = phone()
    wx.setStorageSync('key', 'old')
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    for (const data of [circle, { big: 1n }]) {
      const { errMsg } = await failureOf(wx.setStorage({ key: 'key', data }))
      expect(errMsg).to.match(
        /^setStorage:fail (Converting circular structure to JSON|Do not know how to serialize)/,
      )
      expect(thrownBy(() => wx.setStorageSync('key', data))).to.be.instanceOf(TypeError)
    }
    const grumpy = {
      toJSON() {
        throw 'no'
      },
    }
    expect((await failureOf(wx.setStorage({ key: 'key', data: grumpy }))).errMsg).to.equal(
      'setStorage:fail no',
    )
    expect(wx.getStorageSync('key')).to.equal('old')
  })

  it('each read gives a new object', () => {
    const wx = phone()
    wx.setStorageSync('key', { list: [1] })
    wx.getStorageSync<{ list: number[] }>('key').list.push(2)
    expect(wx.getStorageSync('key')).to.deep.equal({ list: [1] })
  })

  it('a stored undefined, or a missing value, is read as undefined', async () => {
    // WeChat: setStorageSync(key) / (key, undefined) stored "" until base library 3.11.0 (2025-10-14), which fixed it
    const wx = phone()
    wx.setStorageSync('key')
    expect(wx.getStorageSync('key')).to.equal(undefined)
    await wx.setStorage({ key: 'other' } as never)
    expect(await wx.getStorage({ key: 'other' })).to.deep.equal({ data: undefined, errMsg: 'getStorage:ok' })
  })

  it('the Storage panel shows the text and type of a stored value', () => {
    const wx = phone()
    wx.setStorageSync('name', '小猪')
    wx.setStorageSync('pig', { age: 18 })
    wx.setStorageSync('since', new Date(1491988995000))
    expect(wx.devtools.storage().entries).to.deep.equal([
      { key: 'name', value: '小猪', type: 'String', encrypted: false },
      { key: 'pig', value: '{"age":18}', type: 'Object', encrypted: false },
      { key: 'since', value: '1491988995000', type: 'Date', encrypted: false },
    ])
  })
})
