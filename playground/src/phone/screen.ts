/** The phone's screen: the mini program's buttons, their results, and WeChat's dialog for the phone number. */
import { el, find } from '../page/dom.js'
import type { Language } from '../texts/language.js'
import type { Action, ActionName } from './mini-program.js'
import { type Result, resultCard } from './result.js'

/** The texts of the dialogs, by the ids of their elements. */
const questions = {
  phone: { 'sheet-title': 'askTitle', 'sheet-text': 'askText', deny: 'deny', allow: 'allow' },
  pay: { 'sheet-title': 'payTitle', 'sheet-text': 'payText', deny: 'payDeny', allow: 'payAllow' },
} as const

/** Creates the screen as on a first visit. @param press called for each press of a button */
export function createScreen(
  language: Language,
  actions: readonly Pick<Action, 'name' | 'summary'>[],
  press: (name: ActionName) => void,
) {
  const app = find('app')
  const result = find('result')
  const sheet = find('sheet')
  const nextHint = find('next-hint')
  const buttons = actions.map(({ name, summary }) => {
    const title = el('span', { class: 'title' })
    const tip = el('span', { class: 'tip' })
    const button = el('button', { type: 'button', 'data-action': name }, title, el('code', {}, summary), tip)
    button.addEventListener('click', () => press(name))
    return { name, button, title, tip }
  })
  find('actions').append(...buttons.map(({ button }) => button))

  let shown: Result = { kind: 'welcome' }
  let suggested: ActionName | undefined
  let green: ActionName | undefined = 'login'

  const draw = () => {
    const { texts } = language
    result.replaceChildren(resultCard(shown, texts))
    nextHint.textContent = suggested === undefined ? '' : texts.nextHint(texts.actions[suggested])
    for (const { name, button, title, tip } of buttons) {
      title.textContent = texts.actions[name]
      tip.textContent = name === suggested ? texts.pressThis : ''
      button.classList.toggle('suggested', name === suggested)
      button.classList.toggle('green', name === green)
    }
  }
  language.onChange(draw)
  draw()

  return {
    show(next: Result): void {
      shown = next
      draw()
    },
    /**
     * Highlights the button to press next. It is the green one, too; where none is to be pressed, `otherwise` is.
     */
    suggest(name: ActionName | undefined, otherwise: ActionName | undefined): void {
      suggested = name
      green = name ?? otherwise
      draw()
    },
    /** Brings a button into sight. */
    goTo(name: ActionName | undefined): void {
      buttons.find((one) => one.name === name)?.button.scrollIntoView({ block: 'nearest' })
    },
    /** Marks the buttons as disabled while the page is busy. They keep their focus. */
    setBusy(isBusy: boolean): void {
      app.setAttribute('aria-busy', String(isBusy))
      for (const { button } of buttons) button.setAttribute('aria-disabled', String(isBusy))
    },

    /** Shows a dialog of WeChat's over the mini program. Resolves to the user's choice; Escape means deny. */
    ask(question: keyof typeof questions): Promise<boolean> {
      for (const [id, text] of Object.entries(questions[question])) language.say(find(id), text)
      const before = document.activeElement
      const allow = find('allow')
      const deny = find('deny')
      sheet.hidden = false
      app.inert = true
      allow.focus()
      return new Promise((resolve) => {
        const close = (choice: boolean) => {
          sheet.hidden = true
          app.inert = false
          allow.onclick = null
          deny.onclick = null
          document.onkeydown = null
          if (before instanceof HTMLElement) before.focus()
          resolve(choice)
        }
        allow.onclick = () => close(true)
        deny.onclick = () => close(false)
        // On the document, because the focus may be anywhere: the rest of the page stays usable.
        document.onkeydown = ({ key }) => {
          if (key === 'Escape') close(false)
        }
      })
    },
  }
}

export type Screen = ReturnType<typeof createScreen>
