#!/usr/bin/env node
/**
 * The command `r3session`. Each of its commands is a module of its own, loaded when it is called: none starts slower than
 * it must, the service least of all.
 */
import { fileURLToPath } from 'node:url'
import { type Call, callIn } from './command/call.js'
import { readEnvFile } from './command/env-file.js'
import { statuses, statusOf, WrongCall } from './command/failure.js'
import { helpText } from './command/help.js'
import { languageOf } from './config/language.js'
import { thisPackage } from './package.js'

const { env } = process
const print = (text: string) => process.stdout.write(`${text}\n`)
const complain = (text: string) => process.stderr.write(`${text}\n`)

// Whoever reads may have seen enough (`| head`). The service's own log sees to that itself.
const endQuietly = () => process.exit(statuses.failed)

try {
  const call = callIn(process.argv.slice(2))
  if ('envFile' in call) readEnvFile(env, call.envFile)
  if (call.name !== 'serve') process.stdout.on('error', endQuietly)
  const status = await run(call)
  if (status !== undefined) process.exitCode = status
} catch (error) {
  const { status, text } = statusOf(error, languageOf(env))
  complain(text)
  if (error instanceof WrongCall) complain(helpText(languageOf(env), 'hint'))
  process.exitCode = status
}

/** Gives the status, unless the program that it starts sees to that itself. */
async function run(call: Call): Promise<number | undefined> {
  const language = languageOf(env)
  const terminal = { print, complain, language }
  switch (call.name) {
    case 'help':
      print(helpText(language))
      return statuses.done
    case 'version':
      print(thisPackage.version)
      return statuses.done
    case 'serve':
      // As if it had been started itself: its workers are started by this name.
      process.argv.splice(1, process.argv.length, fileURLToPath(new URL('./main.js', import.meta.url)))
      await import('./main.js')
      return undefined
    case 'sandbox': {
      const { runAlone } = await import('../sandbox/alone/run.js')
      return runAlone({ port: call.port, file: call.state }, terminal)
    }
    case 'doctor':
      await import('./doctor-main.js')
      return undefined
    case 'openapi': {
      const [{ openApiText }, { routesOf }] = await Promise.all([
        import('./command/openapi.js'),
        import('./app.js'),
      ])
      print(openApiText(env, { routesOf, version: thisPackage.version }))
      return statuses.done
    }
    case 'backup':
    case 'restore': {
      const [commands, tools] = await Promise.all([import('./command/backup.js'), import('./wire-tools.js')])
      return commands[call.name](call, { ...terminal, env, tools })
    }
    case 'copy': {
      const [{ copy }, tools] = await Promise.all([import('./command/copy.js'), import('./wire-tools.js')])
      return copy(call, { ...terminal, env, tools })
    }
    case 'sessions':
    case 'revoke':
    case 'forget': {
      const [commands, tools] = await Promise.all([import('./command/users.js'), import('./wire-tools.js')])
      return commands[call.name](call, { ...terminal, env, tools })
    }
  }
}
