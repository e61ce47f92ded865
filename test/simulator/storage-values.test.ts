import { expect } from 'chai'
import { failureOf, phone, thrownBy } from './phone.js'

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

describe('a value in the simulated storage (C.2)', () => {
  // C.2: "Allowed data: primitives, Date, anything JSON.stringify can serialise" and "Real encoding: value is stored as
  // text plus a type tag ...: String/Number/Boolean/Null/Undefined/Date/Array/Object survive with type at top level"
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
    it(`reads back as it was: ${name}`, async () => {
      expect(await readBack(value)).to.deep.equal(value)
    })
  }

  it('reads back 0 for -0', async () => {
    // C.2: "-0 → 0"
    expect(Object.is(await readBack(-0), 0)).to.equal(true)
  })

  it('reads back an invalid date as such', async () => {
    const date = (await readBack(new Date(Number.NaN))) as Date
    expect(date).to.be.a('date')
    expect(date.getTime()).to.deep.equal(Number.NaN)
  })

  it('follows JSON inside objects and arrays', async () => {
    // C.2: "Inside objects plain JSON rules (Date→ISO string, undefined/function dropped, NaN→null)"
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

  it('becomes a plain object, where it is of a class', async () => {
    // C.2: "Class instances become plain objects"
    const read = (await readBack(new Cat())) as object
    expect(read).to.deep.equal({ name: 'Mi' })
    expect(Object.getPrototypeOf(read)).to.equal(Object.prototype)
  })

  // C.2: "Anything else (Function, RegExp, Map, Set, ArrayBuffer, typed array, Symbol, BigInt, Error) is stored as empty
  // and reads back as """
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
    it(`reads back as '': ${name}`, async () => {
      expect(await readBack(value)).to.equal('')
    })
  }

  it('is not stored where JSON can not have it, and leaves what was there', async () => {
    // C.2: "Circular → fail setStorage:fail Converting circular structure to JSON… / sync throws the TypeError"
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

  it('comes back as another object each time', () => {
    const wx = phone()
    wx.setStorageSync('key', { list: [1] })
    wx.getStorageSync<{ list: number[] }>('key').list.push(2)
    expect(wx.getStorageSync('key')).to.deep.equal({ list: [1] })
  })

  it('is undefined where undefined was stored or no value was named', async () => {
    // C.2: "setStorageSync(key) / (key, undefined) stored "" until base library 3.11.0 (2025-10-14), which fixed it"
    const wx = phone()
    wx.setStorageSync('key')
    expect(wx.getStorageSync('key')).to.equal(undefined)
    await wx.setStorage({ key: 'other' } as never)
    expect(await wx.getStorage({ key: 'other' })).to.deep.equal({ data: undefined, errMsg: 'getStorage:ok' })
  })

  it('is shown in the Storage panel as its text and type', () => {
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
