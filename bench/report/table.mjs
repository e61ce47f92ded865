/** What a terminal shows at the end. */
import { operations } from '../operations.mjs'
import { BASE, ratiosOf } from './ratios.mjs'

export function printTable(results, say) {
  for (const { name } of operations) {
    const ofAll = results.operations[name]
    if (ofAll === undefined) continue
    say(`\n${name.padEnd(18)} requests/s   CPU us   of bare Koa, by requests and by CPU    p50, p99 ms`)
    for (const [rival, result] of Object.entries(ofAll)) {
      if (result.error !== undefined) {
        say(`${rival.padEnd(18)} left out: ${result.error}`)
        continue
      }
      const ratio = ratiosOf(result, ofAll[BASE])
      const cells = [
        result.rate.toFixed(0).padStart(10),
        (result.cpu * 1e6).toFixed(1).padStart(8),
        (ratio?.rate.toFixed(2) ?? '').padStart(6),
        (ratio?.cpu.toFixed(2) ?? '').padStart(6),
      ]
      const times = result.times
      const late = times === undefined ? '' : times.saturated ? 'saturated' : `${times.p50} ${times.p99}`
      const redis = result.redis === undefined ? '' : `  Redis ${(result.redis * 1e6).toFixed(1)} us`
      say(`${rival.padEnd(18)} ${cells.join(' ')}    ${late}${redis}${result.disturbed ? '  disturbed' : ''}`)
    }
  }
  for (const { name, reason } of results.left) say(`\n${name} was left out: ${reason}`)
}
