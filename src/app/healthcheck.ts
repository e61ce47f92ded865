/** The container's HEALTHCHECK: status 0 when the service on this machine answers `/healthz`, 1 otherwise. */
import { readFileSync } from 'node:fs'
import { loadConfig } from './config/config.js'

const { port } = loadConfig(process.env, (path) => readFileSync(path, 'utf8'))

const healthy = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(2_500) }).then(
  ({ ok }) => ok,
  () => false,
)
process.exitCode = healthy ? 0 : 1
