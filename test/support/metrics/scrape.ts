import { expect } from 'chai'

/** The samples of a text that Prometheus reads: the value of each, by its name and its labels as they stand there. */
export type Samples = ReadonlyMap<string, number>

export function samplesIn(text: string): Samples {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const samples = lines.map((line): [string, number] => {
    const [, name = '', value = ''] = /^([\w:]+(?:\{.*\})?) (\S+)$/.exec(line) ?? []
    expect(name, line).not.to.equal('')
    return [name, value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value)]
  })
  expect(new Map(samples).size, 'no sample twice').to.equal(samples.length)
  return new Map(samples)
}

/** What was added to counters, by name and labels; of ours, without histograms' steps and times. */
export function increases(before: Samples, after: Samples): Record<string, number> {
  const counted = [...after].filter(
    ([name]) => name.startsWith('r3session_') && !/_bucket|_sum\b|^r3session_sessions/.test(name),
  )
  return Object.fromEntries(
    counted
      .map(([name, value]): [string, number] => [name, value - (before.get(name) ?? 0)])
      .filter(([, increase]) => increase !== 0),
  )
}
