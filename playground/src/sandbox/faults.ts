import type { Journal, Step } from '../journal/journal.js'
import type { Device } from '../phone/device.js'
import type { Result } from '../phone/result.js'
import type { Sandbox } from './sandbox.js'
import type { StoryName } from './stories.js'

/** What a story needs. */
export interface StoryContext {
  readonly phone: Device
  readonly sandbox: Sandbox
  readonly journal: Journal
}

/**
 * Prepares the fault of a story: removes the faults of an earlier story, and logs the phone in or out as needed.
 * Resolves to the new result for the screen, if it changes. Rejects if the service does not answer.
 */
export async function prepareStory(
  story: StoryName,
  { phone, sandbox, journal }: StoryContext,
): Promise<Result | undefined> {
  const { client, place, user } = phone
  const event = (where: Step['from'], name: Extract<Step['label'], object>['event']) =>
    journal.step({ from: where, to: where, tone: 'event', label: { event: name }, topic: 'behind' })
  const logIn = async (): Promise<Result> => {
    journal.line('code', place, 'await client.login()')
    return { kind: 'login', value: await client.login() }
  }
  const logOut = async (): Promise<Result> => {
    journal.line('code', place, 'await client.logout()')
    await client.logout()
    return { kind: 'logout' }
  }

  await sandbox.recover()
  switch (story) {
    case 'none':
      event('weixin', 'recovers')
      return undefined
    case 'used': {
      const shown = await logOut()
      await sandbox.failLogins(40163, 1)
      event('weixin', 'used')
      return shown
    }
    case 'busy': {
      const shown = await logOut()
      // Two times, because the service itself retries once.
      await sandbox.failLogins(-1, 2)
      event('weixin', 'busy')
      return shown
    }
    case 'expired': {
      const shown = await logIn()
      const token = await phone.token()
      if (token !== undefined) await sandbox.endSession(token)
      event('service', 'forgets')
      return shown
    }
    case 'payment':
    case 'forgotten':
      return logIn()
    case 'rotated': {
      const shown = await logIn()
      await sandbox.rotateKey(user)
      event('weixin', 'rotates')
      return shown
    }
  }
}
