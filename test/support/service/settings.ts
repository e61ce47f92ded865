import { ConfigError, loadConfig } from '#src/app/config/config.js'

/** No file is there. */
export const noFile = (): string => {
  throw new Error('ENOENT: secret-path')
}

/** Loads the settings that an environment makes. */
export const load = (env: Record<string, string>, readFile: (path: string) => string = noFile) =>
  loadConfig(env, readFile)

/** What is wrong with them. */
export const problems = (env: Record<string, string>, readFile = noFile): readonly string[] => {
  try {
    load(env, readFile)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

export const WXA = 'wxaaaaaaaaaaaaaaaa'
export const WXB = 'wxbbbbbbbbbbbbbbbb'
export const app = { WECHAT_APPID: 'wx0123456789abcdef', WECHAT_SECRET: '0123456789abcdef0123456789abcdef' }
