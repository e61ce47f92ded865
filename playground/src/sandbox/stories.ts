/** What can go wrong with a login, each as a story: the page prepares it, then names the button to press. */
import type { WebStorage } from '@r3session/wx-simulator'
import { save } from '../page/browser-storage.js'
import { el, find } from '../page/dom.js'
import type { ActionName } from '../phone/mini-program.js'
import type { Texts } from '../texts/en.js'
import type { Language } from '../texts/language.js'

/** The stories by name; `none` is that all is well. */
export type StoryName = keyof Texts['stories']

/** What a story waits for. */
interface Stage {
  /** The buttons that lead on; the first is the one to suggest. */
  readonly buttons: readonly ActionName[]
  /** The problem that one of them must meet, or the story was not told; without it, that all goes well. */
  readonly meets?: string
}

const loginButtons = ['login', 'userInfo', 'phoneNumber', 'api'] as const

const stages: Record<StoryName, readonly Stage[]> = {
  none: [],
  used: [{ buttons: loginButtons, meets: 'code_used' }],
  expired: [{ buttons: ['api', 'userInfo', 'phoneNumber'], meets: 'invalid_session' }],
  rotated: [{ buttons: ['userInfo'], meets: 'signature_mismatch' }, { buttons: ['userInfo'] }],
  busy: [{ buttons: loginButtons, meets: 'wechat_busy' }],
}

/** What came of a button. */
export interface Outcome {
  readonly isGood: boolean
  /** Codes of the service's problems on the way, also of those that the client has mended. */
  readonly problems: readonly unknown[]
}

const storyNames = Object.keys(stages) as readonly StoryName[]

/** Where the story that is told is kept, and how far it has come. */
const STORAGE_KEY = 'playground.story'

/**
 * @param choose prepares a story; called for every press, also of the story that is told already
 * @param storage outlives a reload: what was prepared at WeChat still waits then
 */
export function createStories(language: Language, choose: (name: StoryName) => void, storage: WebStorage) {
  const text = find('story')
  const buttons = storyNames.map((name) => {
    const button = el('button', { type: 'button', 'data-story': name })
    button.addEventListener('click', () => choose(name))
    return { name, button }
  })
  find('faults').append(...buttons.map(({ button }) => button))

  let { story, stage } = savedStory(storage)

  const draw = () => {
    const { stories } = language.texts
    for (const { name, button } of buttons) {
      button.textContent = stories[name].name
      button.setAttribute('aria-pressed', String(name === story))
    }
    text.textContent = stories[story].stages[stage] ?? ''
  }
  const go = (name: StoryName, to: number) => {
    story = name
    stage = to
    save(storage, STORAGE_KEY, `${story} ${stage}`)
    draw()
  }
  language.onChange(draw)
  draw()

  return {
    /** Tells a story from its beginning. */
    begin(name: StoryName): void {
      go(name, 0)
    },
    /** The button to press next, if the story waits for one. */
    get next(): ActionName | undefined {
      return stages[story][stage]?.buttons[0]
    },
    /**
     * Goes on when this was a button the story waited for and it came as told. Where all went well instead, something
     * else has ended the story, such as a login on another phone. Where nothing came of it, the story waits on.
     */
    pressed(name: ActionName, { isGood, problems }: Outcome): void {
      const { buttons, meets } = stages[story][stage] ?? {}
      if (!buttons?.includes(name)) return
      if (meets === undefined ? isGood : problems.includes(meets)) go(story, stage + 1)
      else if (isGood) go('none', 0)
    },
  }
}

export type Stories = ReturnType<typeof createStories>

/** The story of before the reload; that all is well where there was none, or what is kept is none. */
function savedStory(storage: WebStorage): { story: StoryName; stage: number } {
  const [name, stage = ''] = (storage.getItem(STORAGE_KEY) ?? '').split(' ')
  const story = storyNames.find((known) => known === name)
  if (story === undefined || !/^\d$/.test(stage)) return { story: 'none', stage: 0 }
  return { story, stage: Math.min(Number(stage), stages[story].length) }
}
