import type { Device } from './device.js'
import type { Journal, Step } from './journal.js'
import type { SandboxSide } from './sandbox.js'
import type { StoryName } from './stories.js'

export interface Scene {
  readonly phone: Device
  readonly sandbox: SandboxSide
  readonly journal: Journal
}

/**
 * Prepares a story: whatever waited from an earlier one is forgotten, and the phone is logged in or out, as the story
 * needs it. Rejects when the service does not answer.
 */
export async function prepare(story: StoryName, { phone, sandbox, journal }: Scene): Promise<void> {
  const { client, place, user } = phone
  const event = (where: Step['from'], name: Extract<Step['label'], object>['event']) =>
    journal.step({ from: where, to: where, tone: 'event', label: { event: name }, topic: 'behind' })
  const run = async (code: string, act: () => Promise<unknown>) => {
    journal.line('code', place, code)
    await act()
  }
  const logIn = () => run('await client.login()', client.login)
  const logOut = () => run('await client.logout()', client.logout)

  await sandbox.recover()
  switch (story) {
    case 'none':
      return event('weixin', 'recovers')
    case 'used':
      await logOut()
      await sandbox.failLogins(40163, 1)
      return event('weixin', 'used')
    case 'busy':
      await logOut()
      // The service itself asks a second time before it gives up.
      await sandbox.failLogins(-1, 2)
      return event('weixin', 'busy')
    case 'expired': {
      await logIn()
      const token = await phone.token()
      if (token !== undefined) await sandbox.endSession(token)
      return event('service', 'forgets')
    }
    case 'rotated':
      await logIn()
      await sandbox.rotateKey(user)
      return event('weixin', 'rotates')
  }
}
