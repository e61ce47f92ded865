import type { Metric, Report, Sample } from './metric.js'

/**
 * What stays of the reports of processes that are no more: counts, added up. A sum that fell with the death of a process
 * would look to Prometheus as if everything had been counted anew from nothing.
 */
export function lastingOf(reports: readonly Report[]): Report {
  const sums = new Map<string, { readonly metric: Metric; readonly values: Map<string, Sample> }>()
  for (const metric of reports.flat()) {
    if (metric.type !== 'counter' && metric.type !== 'histogram') continue
    const sum = sums.get(metric.name) ?? { metric, values: new Map<string, Sample>() }
    sums.set(metric.name, sum)
    for (const sample of metric.values) {
      const key = JSON.stringify([sample.metricName, sample.labels])
      const value = sample.value + (sum.values.get(key)?.value ?? 0)
      sum.values.set(key, { ...sample, value })
    }
  }
  return [...sums.values()].map(({ metric, values }) => ({ ...metric, values: [...values.values()] }))
}
