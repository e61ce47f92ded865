/** node:http that answers everything with the same few bytes. */
import { createServer } from 'node:http'
import { host, port } from './parts/settings.mjs'

createServer((_request, response) => response.end('ok')).listen(port, host)
