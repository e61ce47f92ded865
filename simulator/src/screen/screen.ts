import { callApi } from '../calls/api.js'
import { wrongParameter } from '../calls/failure.js'
import type { ModalUser, Screen, ToastOption, WxScreen } from '../types/screen.js'
import { createPages } from './pages.js'

/** How long a toast stays, in milliseconds. */
const TOAST_DURATION = 1500

type Shown = Partial<Pick<Screen, 'toast' | 'loading'>>

/** What the mini program shows: toasts, dialogs and pages. */
export function createScreen(clock: () => number, firstPage: string) {
  const pages = createPages(firstPage)
  /** A toast and a loading toast are never shown at the same time. */
  let shown: Shown = {}
  let toastEnds = 0
  let modal: Screen['modal']
  let user: ModalUser = () => true

  const title = (options: { title: unknown }): string => {
    if (typeof options.title !== 'string') throw wrongParameter('parameter.title', 'String', options.title)
    return options.title
  }
  const hide = (kind: keyof Shown) => () => {
    if (kind in shown) shown = {}
    return {}
  }

  const wx: WxScreen = {
    ...pages.wx,
    showToast: (options) =>
      callApi('showToast', options, (given: ToastOption) => {
        shown = { toast: { title: title(given), icon: given.icon ?? 'success' } }
        toastEnds = clock() + (given.duration ?? TOAST_DURATION)
        return {}
      }),
    hideToast: (options) => callApi('hideToast', options, hide('toast')),
    showLoading: (options) =>
      callApi('showLoading', options, (given) => {
        shown = { loading: { title: title(given) } }
        return {}
      }),
    hideLoading: (options) => callApi('hideLoading', options, hide('loading')),
    showModal: (options) =>
      callApi('showModal', options, async ({ title = '', content = '', editable, showCancel = true }) => {
        const dialog = { title, content }
        modal = dialog
        const reply = await user(dialog)
        if (modal === dialog) modal = undefined
        const { confirm, content: written = '' } = typeof reply === 'boolean' ? { confirm: reply } : reply
        // Without a second button there is only one way out.
        const isConfirmed = confirm || !showCancel
        return { confirm: isConfirmed, cancel: !isConfirmed, content: editable && isConfirmed ? written : '' }
      }),
  }

  return {
    wx,
    look(): Screen {
      if (shown.toast && clock() >= toastEnds) shown = {}
      return { ...shown, ...(modal && { modal }), pages: pages.stack() }
    },
    navigations: pages.navigations,
    answerModals(next: ModalUser): void {
      user = next
    },
  }
}
