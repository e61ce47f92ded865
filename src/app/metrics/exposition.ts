/**
 * The text that Prometheus reads. prom-client knows what a Node process has to tell of itself, how the numbers of
 * several become one, and how all of it is written.
 */
import { AggregatorRegistry, collectDefaultMetrics, Registry } from 'prom-client'
import type { Metric, Report } from './metric.js'

/**
 * What prom-client tells of the process: one watch over it, since a process is one, and only once somebody asks, since
 * it wakes up a hundred times a second to see how late the event loop is.
 */
let ofProcess: Registry | undefined

export async function processReport(): Promise<Report> {
  if (ofProcess === undefined) {
    ofProcess = new Registry()
    collectDefaultMetrics({ register: ofProcess })
  }
  const metrics: readonly object[] = await ofProcess.getMetricsAsJSON()
  return (metrics as readonly Metric[]).map(kept)
}

/** prom-client leaves the start of the process out of a sum; that of the oldest says since when counters count. */
function kept(metric: Metric): Metric {
  return metric.aggregator === 'omit' ? { ...metric, aggregator: 'min' } : metric
}

/** The reports of one or more processes as one text. */
export function textOf(reports: readonly Report[]): Promise<string> {
  return AggregatorRegistry.aggregate(reports.map((report) => [...report])).metrics()
}
