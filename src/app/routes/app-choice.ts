import { invalid } from '../http/body.js'

/** Picks the mini program a request means, of those that are served: the first where it names none. */
export function createAppChoice(appids: readonly string[]) {
  return (appid: string | undefined): string => {
    const found = appid === undefined ? appids[0] : appids.find((known) => known === appid)
    if (found !== undefined) return found
    throw invalid({ en: 'This service does not serve that appid.', zh: '本服务未配置该 appid。' })
  }
}

export type AppChoice = ReturnType<typeof createAppChoice>
