import { createDecipheriv } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type SandboxOptions, startSandbox } from '#src/sandbox/index.js'

/** An instant to begin at, in the first second of a minute and at noon in China. */
export const NOON = Date.UTC(2026, 2, 1, 4)

/** A sandbox whose clock stands still at `time.now` until the test moves it. The caller closes it. */
export async function startTestSandbox(options: SandboxOptions = {}) {
  const time = { now: NOON }
  const weixin = await startSandbox({ clock: () => time.now, ...options })

  const call = async (method: string, path: string, query: Record<string, string>, body?: string) => {
    const init = body === undefined ? { method } : { method, body }
    const response = await fetch(`${weixin.url}${path}?${new URLSearchParams(query)}`, init)
    return answerOf(response)
  }
  return {
    weixin,
    time,
    get: (path: string, query: Record<string, string> = {}) => call('GET', path, query),
    post: (path: string, body?: unknown, query: Record<string, string> = {}) =>
      call('POST', path, query, body === undefined ? undefined : JSON.stringify(body)),
    call,
  }
}

/** An answer as text and, where it is JSON, as a value; its shape is the test's to know. */
async function answerOf(response: Response) {
  const text = await response.text()
  const { status, headers } = response
  return { status, type: headers.get('content-type'), text, json: parsed(text) }
}

function parsed(text: string) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Resolves once the condition holds; fails rather than wait for ever. */
export async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited++) {
    if (waited > 5000) throw new Error('it never came to that')
    await pause(1)
  }
}

/** Opens sealed data the way WeChat's documentation says, with nothing of the product's. */
export function openSealed(sealed: { encryptedData: string; iv: string }, sessionKey: string): string {
  const key = Buffer.from(sessionKey, 'base64')
  const decipher = createDecipheriv('aes-128-cbc', key, Buffer.from(sealed.iv, 'base64'))
  return decipher.update(sealed.encryptedData, 'base64', 'utf8') + decipher.final('utf8')
}
