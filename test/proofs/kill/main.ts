/**
 * Kills the service, or Redis below two of them, with logins under way, as often as one likes. Status 0 when no confirmed login was lost and no
 * session lives whose end was confirmed.
 *
 *     npm run prove:kill -- [--cycles=10000] [--service-each=5]
 *     npm run prove:kill -- --store=redis [--cycles=300]
 */
import { parseArgs } from 'node:util'
import { type KillReport, killAgainAndAgain } from './cycles.js'
import { createRedisVictims } from './redis-victims.js'
import { createSqliteVictims } from './victims.js'

const { values } = parseArgs({
  options: { cycles: { type: 'string' }, 'service-each': { type: 'string' }, store: { type: 'string' } },
})
const isRedis = values.store === 'redis'
const began = performance.now()
let said = 0
function say({ wrong, ...counts }: KillReport): void {
  const seconds = Math.round((performance.now() - began) / 1000)
  process.stdout.write(`${seconds} s: ${JSON.stringify(counts)}, wrong: ${wrong.length}\n`)
  for (const each of wrong.slice(said, said + 20)) process.stdout.write(`${each}\n`)
  said = wrong.length
}

process.stdout.write(`Node ${process.version}\n`)
const report = await killAgainAndAgain({
  cycles: Number(values.cycles ?? (isRedis ? 300 : 10_000)),
  victims: await (isRedis
    ? createRedisVictims(Math.random)
    : createSqliteVictims(Number(values['service-each'] ?? 5))),
  random: Math.random,
  tell: say,
})
say(report)
process.exitCode = report.wrong.length === 0 ? 0 : 1
