import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, type Gateway, pathOf, readDeployed, startGateway } from './nginx.js'

export const caddy: Gateway = {
  name: 'caddy',
  installed: pathOf('caddy') !== undefined,
  async start(r3session, service) {
    const port = await freePort()
    const site = readDeployed('deploy/Caddyfile', {
      'reverse_proxy r3session:3000': `reverse_proxy ${r3session}`,
      'reverse_proxy orders:8080': `reverse_proxy ${service}`,
      'api.example.com {': `http://127.0.0.1:${port} {`,
    })
    return startGateway('caddy', port, (folder) => {
      writeFileSync(join(folder, 'Caddyfile'), site)
      const args = ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')]
      return { args, env: { HOME: folder, CADDY_ADMIN: `unix/${folder}/admin` } }
    })
  },
}
