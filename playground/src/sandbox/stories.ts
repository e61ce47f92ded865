/** Stories about what can go wrong with a login. The page prepares the fault, then names the button to press. */
import type { WebStorage } from '@r3session/wx-simulator'
import { save } from '../page/browser-storage.js'
import { el, find } from '../page/dom.js'
import type { ActionName } from '../phone/mini-program.js'
import type { Texts } from '../texts/en.js'
import type { Language } from '../texts/language.js'

/** The names of the stories; `none` means that there is no fault. */
export type StoryName = keyof Texts['stories']

/** One step of a story: what the user has to do next. */
interface Stage {
  /** The buttons that continue the story; the first one is suggested. */
  readonly buttons: readonly ActionName[]
  /** The error code that must occur to continue the story. If missing, the action must succeed. */
  readonly meets?: string
}

/** Those that ask the service for something. */
const asking = ['api', 'userInfo', 'phoneNumber', 'pay', 'forget'] as const

const stages: Record<StoryName, readonly Stage[]> = {
  none: [],
  used: [{ buttons: ['login', ...asking], meets: 'code_used' }],
  expired: [{ buttons: asking, meets: 'invalid_session' }],
  rotated: [{ buttons: ['userInfo', 'pay'], meets: 'signature_mismatch' }, { buttons: ['userInfo'] }],
  busy: [{ buttons: ['login', ...asking], meets: 'wechat_busy' }],
  payment: [{ buttons: ['pay'] }],
  forgotten: [{ buttons: ['forget'] }, { buttons: asking, meets: 'invalid_session' }],
}

/** The outcome of a button. */
export interface Outcome {
  readonly isGood: boolean
  /** The error codes of the service's answers, also those that the client has handled itself. */
  readonly problems: readonly unknown[]
}

const storyNames = Object.keys(stages) as readonly StoryName[]

/** The key that the current story and its stage are saved under. */
const STORAGE_KEY = 'playground.story'

const LINK = 'story='

/** The story that a link to the page names behind its `#`: whoever has one to show sends that. */
export function linkedStory(hash: string): StoryName | undefined {
  return storyNames.find((name) => hash === `#${LINK}${name}`)
}

/**
 * @param choose prepares a story; called for every press, also for the current story
 * @param storage must survive a reload, because the faults in the sandbox do, too
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
    history.replaceState(null, '', name === 'none' ? location.pathname : `#${LINK}${name}`)
    save(storage, STORAGE_KEY, `${story} ${stage}`)
    draw()
  }
  language.onChange(draw)
  draw()

  return {
    /** The story that is being told. */
    get current(): StoryName {
      return story
    },
    /** Starts a story from its first stage. */
    begin(name: StoryName): void {
      go(name, 0)
    },
    /** The button to press next, if the story is waiting for one. */
    get next(): ActionName | undefined {
      return stages[story][stage]?.buttons[0]
    },
    /**
     * Continues the story if it was waiting for this button and the expected error, or success, came. If the action
     * succeeded instead, something else has removed the fault, such as a login on another phone, and the story ends.
     * After any other failure the story keeps waiting.
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

/** The story from before the reload; `none` if there was none, or if the saved value is invalid. */
function savedStory(storage: WebStorage): { story: StoryName; stage: number } {
  const [name, stage = ''] = (storage.getItem(STORAGE_KEY) ?? '').split(' ')
  const story = storyNames.find((known) => known === name)
  if (story === undefined || !/^\d$/.test(stage)) return { story: 'none', stage: 0 }
  return { story, stage: Math.min(Number(stage), stages[story].length) }
}
