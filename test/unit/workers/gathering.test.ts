import { expect } from 'chai'
import type { Report } from '#src/app/metrics/metric.js'
import { createGathering } from '#src/app/workers/gathering.js'

const counted = (value: number): Report => [
  { name: 'logins', help: '', type: 'counter', aggregator: 'sum', values: [{ labels: { of: 'a' }, value }] },
  { name: 'memory', help: '', type: 'gauge', aggregator: 'sum', values: [{ labels: {}, value }] },
]

describe('the metrics of all workers', () => {
  function start() {
    let passTime = () => {}
    const gathering = createGathering({
      after(_milliseconds, run) {
        passTime = run
        return () => {
          passTime = () => {}
        }
      },
    })
    const answers: (readonly Report[])[] = []
    let asked = 0
    const join = () => gathering.join(() => asked++)
    /** The values that an answer has of a metric. */
    const valuesIn = (answer: readonly Report[] | undefined, of: string) =>
      (answer ?? [])
        .flat()
        .flatMap(({ name, values }) => (name === of ? values.map(({ value }) => value) : []))
    return {
      join,
      answers,
      valuesIn,
      asked: () => asked,
      passTime: () => passTime(),
      answer: (reports: readonly Report[]) => void answers.push(reports),
    }
  }

  it('are the reports of all, once all have come', () => {
    const { join, answer, answers, valuesIn, asked } = start()
    const [one, other] = [join(), join()]
    one.gather(answer)
    expect(asked()).to.equal(2)
    one.told(counted(1))
    expect(answers).to.have.lengthOf(0)
    other.told(counted(2))
    expect(valuesIn(answers[0], 'logins')).to.deep.equal([1, 2])
  })

  it('are given to all who ask meanwhile', () => {
    const { join, answer, answers, asked } = start()
    const [one, other] = [join(), join()]
    one.gather(answer)
    other.gather(answer)
    expect(asked()).to.equal(2)
    one.told(counted(1))
    other.told(counted(2))
    expect(answers).to.have.lengthOf(2)
    one.gather(answer)
    expect(asked()).to.equal(4)
  })

  it('have the latest report of a worker that is busy', () => {
    const { join, answer, answers, valuesIn, passTime } = start()
    const [one, other] = [join(), join()]
    one.gather(answer)
    for (const member of [one, other]) member.told(counted(1))
    one.gather(answer)
    one.told(counted(5))
    passTime()
    expect(valuesIn(answers[1], 'logins')).to.deep.equal([5, 1])
  })

  it('keep the counts of a worker that is no more, and nothing of what it was', () => {
    const { join, answer, answers, valuesIn } = start()
    const [one, other, third] = [join(), join(), join()]
    one.gather(answer)
    for (const member of [one, other, third]) member.told(counted(3))
    for (const member of [other, third]) member.left()
    one.gather(answer)
    one.told(counted(4))
    expect(valuesIn(answers[1], 'logins')).to.deep.equal([4, 6])
    expect(valuesIn(answers[1], 'memory')).to.deep.equal([4])
  })

  it('do not wait for a worker that dies meanwhile', () => {
    const { join, answer, answers, valuesIn } = start()
    const [one, other] = [join(), join()]
    one.gather(answer)
    one.told(counted(1))
    other.left()
    expect(valuesIn(answers[0], 'logins')).to.deep.equal([1])
  })
})
