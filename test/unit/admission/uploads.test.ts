import { expect } from 'chai'
import { createUploads } from '#src/app/admission/uploads.js'

describe('bodies that are arriving', () => {
  let givenUp: string[]
  beforeEach(() => {
    givenUp = []
  })
  const start = () => {
    const uploads = createUploads({ atMost: 2, bytes: 100 })
    return (name: string) => uploads.begin(() => givenUp.push(name))
  }

  it('are left alone while there are not too many', () => {
    const begin = start()
    begin('first')
    begin('second').grew(100)
    expect(givenUp).to.deep.equal([])
  })

  it('are given up when one more comes, the oldest first', () => {
    const begin = start()
    for (const name of ['first', 'second', 'third', 'fourth']) begin(name)
    expect(givenUp).to.deep.equal(['first', 'second'])
  })

  it('do not count once they are here', () => {
    const begin = start()
    begin('first')
    for (let count = 0; count < 10; count++) {
      const upload = begin('quick')
      upload.grew(90)
      upload.end()
      upload.end()
    }
    expect(givenUp).to.deep.equal([])
  })

  it('are given up when they hold too much memory, the oldest first and no more than needed', () => {
    const begin = start()
    const first = begin('first')
    first.grew(60)
    const second = begin('second')
    second.grew(30)
    second.grew(30)
    expect(givenUp).to.deep.equal(['first'])
    // What still comes of it is nobody's any more.
    first.grew(1000)
    first.end()
    second.grew(40)
    expect(givenUp).to.deep.equal(['first'])
  })
})
