import { AloneFailure, startAlone } from './start.js'

/** The port of a sandbox on its own, so that the service's usual one stays free. */
export const USUAL_PORT = 3001

/** Where it tells what it does, in the language of whoever reads. */
export interface Reader {
  readonly print: (text: string) => void
  readonly complain: (text: string) => void
  readonly language: 'en' | 'zh'
}

/**
 * Runs a sandbox until SIGTERM, SIGINT or SIGHUP, and resolves to the exit status. The first line that it prints ends with
 * its address.
 */
export async function runAlone(
  { port = USUAL_PORT, file }: { port?: number | undefined; file?: string | undefined },
  { print, complain, language }: Reader,
): Promise<number> {
  const say = (text: { en: string; zh: string }) => complain(text[language])
  try {
    const ended = new Promise<void>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => resolve())
    })
    const { url, close } = await startAlone({ port, file, complain: say })
    const lines = {
      en: [
        `WeChat is imitated at ${url}`,
        `Your back end calls it in place of https://api.weixin.qq.com; a phone is at ${url}/sandbox/login and its kin.`,
        file === undefined ? 'It forgets everything when it ends.' : `What it remembers is kept in ${file}.`,
      ],
      zh: [
        `微信模拟已启动：${url}`,
        `后端以它代替 https://api.weixin.qq.com；手机的操作在 ${url}/sandbox/login 等路径。`,
        file === undefined ? '进程结束后不保留任何状态。' : `状态保存在 ${file}。`,
      ],
    }
    for (const line of lines[language]) print(line)
    await ended
    await close()
    return 0
  } catch (error) {
    if (!(error instanceof AloneFailure)) throw error
    say(error.text)
    return 1
  }
}

/** A port as it is given on a command line; `undefined` for what is none. */
export function portIn(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined
}
