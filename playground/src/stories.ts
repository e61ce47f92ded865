/** What can go wrong with a login, each as a story: the page prepares it, then names the button to press. */
import { el, find } from './dom.js'
import type { Language, Texts } from './language.js'
import type { ActionName } from './mini-program.js'

/** The stories by name; `none` is that all is well. */
export type StoryName = keyof Texts['stories']

/** The buttons that lead on, stage by stage; the first of each is the one to suggest. */
const stages: Record<StoryName, readonly (readonly ActionName[])[]> = {
  none: [],
  used: [['login', 'userInfo', 'phoneNumber', 'api']],
  expired: [['api', 'userInfo', 'phoneNumber']],
  rotated: [['userInfo'], ['userInfo']],
  busy: [['login', 'userInfo', 'phoneNumber', 'api']],
}

const storyNames = Object.keys(stages) as readonly StoryName[]

/** @param choose prepares a story; called for every press, also of the story that is told already */
export function createStories(language: Language, choose: (name: StoryName) => void) {
  const text = find('story')
  const buttons = storyNames.map((name) => {
    const button = el('button', { type: 'button', 'data-story': name })
    button.addEventListener('click', () => choose(name))
    return { name, button }
  })
  find('faults').append(...buttons.map(({ button }) => button))

  let told: StoryName = 'none'
  let stage = 0

  const draw = () => {
    const { stories } = language.texts
    for (const { name, button } of buttons) {
      button.textContent = stories[name].name
      button.setAttribute('aria-pressed', String(name === told))
    }
    text.textContent = stories[told].stages[stage] ?? ''
  }
  language.onChange(draw)
  draw()

  return {
    /** Tells a story from its beginning. */
    begin(name: StoryName): void {
      told = name
      stage = 0
      draw()
    },
    /** The button to press next, if the story waits for one. */
    get next(): ActionName | undefined {
      return stages[told][stage]?.[0]
    },
    /** Goes on when this was a button the story waited for. */
    pressed(name: ActionName): void {
      if (!stages[told][stage]?.includes(name)) return
      stage += 1
      draw()
    },
  }
}

export type Stories = ReturnType<typeof createStories>
