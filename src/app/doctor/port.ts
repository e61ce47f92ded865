/** Whether the start could listen. */
import { createServer } from 'node:net'
import type { Text } from '../config/language.js'
import { listenAdvice, type PortSetting } from '../log/start-advice.js'
import { CheckFailure } from './doctor.js'

/** Milliseconds in which a running service answers whether it is one. */
const ANSWER_WITHIN = 2_000

interface Place {
  readonly host: string
  readonly port: number
}

const SERVICE: Proof = { path: '/openapi.json', says: '"r3session' }

/** Whether a running r3session answers there. */
export async function isServed({ host, port }: Place): Promise<boolean> {
  return port !== 0 && isService(host, port, SERVICE)
}

/** Fails with a CheckFailure where the port can't be had, unless a running r3session has it. */
export function checkPort(place: Place): Promise<Text> {
  return check('PORT', place, SERVICE)
}

/** The same for the port that metrics have for themselves. */
export function checkMetricsPort(place: Place): Promise<Text> {
  return check('METRICS_PORT', place, { path: '/metrics', says: '\n# HELP r3session_' })
}

/** What is asked of the service, and what is in its answer. */
interface Proof {
  readonly path: string
  readonly says: string
}

async function check(setting: PortSetting, { host, port }: Place, proof: Proof): Promise<Text> {
  if (port === 0) return { en: 'any that is free', zh: '任意空闲端口' }
  const code = await errorOfListening(host, port)
  if (code === undefined) return { en: `${host}:${port} is free`, zh: `${host}:${port} 可用` }
  if (code === 'EADDRINUSE' && (await isService(host, port, proof))) {
    return {
      en: `${host}:${port} is served by a running r3session`,
      zh: `${host}:${port} 上已有 r3session 在运行`,
    }
  }
  throw new CheckFailure(
    { en: `can't listen on ${host}:${port}: ${code}`, zh: `无法监听 ${host}:${port}：${code}` },
    listenAdvice(code, { host, port }, setting),
  )
}

function errorOfListening(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'unknown'))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

async function isService(host: string, port: number, { path, says }: Proof): Promise<boolean> {
  const address =
    host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host
  try {
    const url = `http://${address}:${port}${path}`
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN) })
    return response.headers.has('x-request-id') && `\n${await response.text()}`.includes(says)
  } catch {
    return false
  }
}
