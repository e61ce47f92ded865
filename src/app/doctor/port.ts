/** Whether the start could listen. */
import { createServer } from 'node:net'
import type { Text } from '../config/language.js'
import { listenAdvice } from '../log/start-advice.js'
import { CheckFailure } from './doctor.js'

/** Milliseconds in which a running service answers whether it is one. */
const ANSWER_WITHIN = 2_000

/** Fails with a CheckFailure where the port can't be had, unless a running r3session has it. */
export async function checkPort({ host, port }: { host: string; port: number }): Promise<Text> {
  if (port === 0) return { en: 'any that is free', zh: '任意空闲端口' }
  const code = await errorOfListening(host, port)
  if (code === undefined) return { en: `${host}:${port} is free`, zh: `${host}:${port} 可用` }
  if (code === 'EADDRINUSE' && (await isService(host, port))) {
    return {
      en: `${host}:${port} is served by a running r3session`,
      zh: `${host}:${port} 上已有 r3session 在运行`,
    }
  }
  throw new CheckFailure(
    { en: `can't listen on ${host}:${port}: ${code}`, zh: `无法监听 ${host}:${port}：${code}` },
    listenAdvice(code, { host, port }),
  )
}

function errorOfListening(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'unknown'))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

async function isService(host: string, port: number): Promise<boolean> {
  const address =
    host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host
  try {
    const url = `http://${address}:${port}/openapi.json`
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN) })
    return response.headers.has('x-request-id') && (await response.text()).includes('"r3session')
  } catch {
    return false
  }
}
