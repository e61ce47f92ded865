import { readFileSync } from 'node:fs'
import { type Config, loadConfig } from './config.js'
import type { Env } from './names.js'

/** The settings of this environment and of the files that it names. Fails with a ConfigError. */
export function readConfig(env: Env): Config {
  return loadConfig(env, (path) => readFileSync(path, 'utf8'))
}
