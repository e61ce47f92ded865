/**
 * Counters and histograms as plain numbers. prom-client's own take some 1 us for each observation, since they look for
 * the series by a text made of all labels; these are made into prom-client's form when somebody asks (exposition.ts).
 */

/** One number of a metric. `metricName` where that is another than the metric's, as in a histogram. */
export interface Sample {
  readonly value: number
  readonly labels: Readonly<Record<string, string | number>>
  readonly metricName?: string
}

/** A metric in the form of prom-client's JSON, in which processes tell each other theirs. */
export interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary'
  /** How the values of several processes become one. */
  readonly aggregator: 'sum' | 'first' | 'min' | 'max' | 'average' | 'omit'
  readonly values: readonly Sample[]
}

/** Everything that one process has counted. */
export type Report = readonly Metric[]

export const PREFIX = 'r3session_'

/**
 * A counter whose labels have values out of closed sets.
 *
 * @param from the series that are there from the start: of a series that begins at 1 Prometheus sees no increase
 */
export function createCounter<const Labels extends readonly string[]>(
  name: string,
  help: string,
  labels: Labels,
  from: readonly { readonly [At in keyof Labels]: string }[],
) {
  const series = new Map<string, { readonly values: readonly string[]; count: number }>()
  const seriesOf = (values: readonly string[]) => {
    const [first = ''] = values
    // Most have one label, and to join costs more than all the rest.
    const key = values.length === 1 ? first : values.join()
    const known = series.get(key)
    if (known !== undefined) return known
    const fresh = { values, count: 0 }
    series.set(key, fresh)
    return fresh
  }
  for (const values of from) seriesOf(values)

  return {
    add(values: { readonly [At in keyof Labels]: string }, count = 1): void {
      seriesOf(values).count += count
    },
    metric: (): Metric => ({
      name: PREFIX + name,
      help,
      type: 'counter',
      aggregator: 'sum',
      values: [...series.values()].map(({ values, count }) => ({
        labels: Object.fromEntries(labels.map((label, at) => [label, values[at] ?? ''])),
        value: count,
      })),
    }),
  }
}

/** How often something took how long, in the steps of a histogram. */
export interface Durations {
  /** Of each step, and of what took longer than the last one. */
  readonly counts: number[]
  /** In milliseconds. */
  sum: number
}

/** @param bounds upper ends of the steps in milliseconds, ascending */
export function emptyDurations(bounds: readonly number[]): Durations {
  return { counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 }
}

export function addDuration(durations: Durations, bounds: readonly number[], ms: number): void {
  let step = 0
  // Most are short, so the first comparisons decide. The index is within bounds.
  while (step < bounds.length && ms > (bounds[step] as number)) step++
  durations.counts[step] = (durations.counts[step] ?? 0) + 1
  durations.sum += ms
}

/** A histogram of durations with one label, given in milliseconds and told in seconds. */
export function createHistogram(name: string, help: string, label: string, bounds: readonly number[]) {
  const series = new Map<string, Durations>()
  return {
    observe(value: string, ms: number): void {
      let durations = series.get(value)
      if (durations === undefined) {
        durations = emptyDurations(bounds)
        series.set(value, durations)
      }
      addDuration(durations, bounds, ms)
    },
    has: (value: string) => series.has(value),
    metric: () => histogramOf(name, help, label, bounds, series),
  }
}

/** Prometheus counts in each step what is in all lower ones as well, up to `+Inf`. */
export function histogramOf(
  name: string,
  help: string,
  label: string,
  bounds: readonly number[],
  series: Iterable<readonly [value: string, durations: Durations]>,
): Metric {
  const whole = PREFIX + name
  const values: Sample[] = []
  for (const [value, { counts, sum }] of series) {
    let count = 0
    counts.forEach((each, at) => {
      count += each
      const bound = bounds[at]
      const le = bound === undefined ? '+Inf' : bound / 1000
      values.push({ labels: { [label]: value, le }, value: count, metricName: `${whole}_bucket` })
    })
    values.push({ labels: { [label]: value }, value: sum / 1000, metricName: `${whole}_sum` })
    values.push({ labels: { [label]: value }, value: count, metricName: `${whole}_count` })
  }
  return { name: whole, help, type: 'histogram', aggregator: 'sum', values }
}

/** A number as it is now, with no label. Nothing is told of it where it is not known. */
export function gaugeOf(
  name: string,
  help: string,
  aggregator: Metric['aggregator'],
  value: number | undefined,
): Metric {
  const values = value === undefined ? [] : [{ labels: {}, value }]
  return { name: PREFIX + name, help, type: 'gauge', aggregator, values }
}
