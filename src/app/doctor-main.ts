/** `r3session doctor`: what the start would meet, without starting. Status 0 when all is well, 78 for settings, 1 else. */
import { ConfigError } from './config/config.js'
import { inLanguage, languageOf } from './config/language.js'
import { readConfig } from './config/read-config.js'
import { type Finding, runChecks } from './doctor/doctor.js'
import { settingsShown } from './doctor/settings.js'
import { thisPackage } from './package.js'
import { checksOf, sqliteVersion } from './wire.js'

const language = languageOf(process.env)
const say = (en: string, zh: string) => (language === 'zh' ? zh : en)
const settings = say('settings', '配置')

for await (const { subject, ok, found, advice } of findings()) {
  const mark = !ok ? 'FAIL' : advice === undefined ? 'ok  ' : 'note'
  process.stdout.write(`${mark} ${subject}: ${found}\n${advice === undefined ? '' : `     ${advice}\n`}`)
  if (!ok) process.exitCode ??= 1
}

async function* findings(): AsyncGenerator<Finding> {
  yield versions()
  try {
    const config = readConfig(process.env)
    yield { subject: settings, ok: true, found: say('complete', '完整') }
    for (const [name, value] of settingsShown(config)) process.stdout.write(`       ${name}=${value}\n`)
    for (const warning of config.warnings) {
      const advice = say(
        'docs/settings.md lists the settings there are.',
        '可用的配置见 docs/settings.zh-CN.md。',
      )
      yield { subject: settings, ok: true, found: inLanguage(language, warning), advice }
    }
    yield* runChecks(checksOf(config), language)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.exitCode = 78
    for (const text of error.texts) yield { subject: settings, ok: false, found: inLanguage(language, text) }
  }
}

function versions(): Finding {
  const subject = say('versions', '版本')
  const known = `r3session ${thisPackage.version}, Node ${process.versions.node}`
  try {
    return { subject, ok: true, found: `${known}, SQLite ${sqliteVersion()}` }
  } catch (error) {
    const advice = say(
      'SQLite does not load on this Node: install again with npm ci.',
      'SQLite 无法在此 Node 上加载：请用 npm ci 重新安装。',
    )
    const reason = error instanceof Error ? error.message.split('\n')[0] : ''
    return { subject, ok: false, found: `${known}, SQLite: ${reason}`, advice }
  }
}
