/** `npm run doctor`: checks settings, store, clock and WeChat. Status 0 when all is well, 1 when not. */
import { readFileSync } from 'node:fs'
import { ConfigError, loadConfig } from './config.js'
import { examine, type Finding } from './doctor.js'
import { patientOf } from './wire.js'

for await (const { subject, ok, found, advice } of findings()) {
  process.stdout.write(
    `${ok ? 'ok  ' : 'FAIL'} ${subject}: ${found}\n${advice === undefined ? '' : `     ${advice}\n`}`,
  )
  if (!ok) process.exitCode = 1
}

async function* findings(): AsyncGenerator<Finding> {
  try {
    const config = loadConfig(process.env, (path) => readFileSync(path, 'utf8'))
    yield { subject: 'settings', ok: true, found: 'complete' }
    yield* examine(patientOf(config))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    for (const problem of error.problems) yield { subject: 'settings', ok: false, found: problem }
  }
}
