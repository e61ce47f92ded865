/** The container's HEALTHCHECK: status 0 when the service on this machine answers `/healthz`, 1 otherwise. */
import { readConfig } from './config/read-config.js'

const { port } = readConfig(process.env)

const healthy = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(2_500) }).then(
  ({ ok }) => ok,
  () => false,
)
process.exitCode = healthy ? 0 : 1
