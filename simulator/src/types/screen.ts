import type { Callbacks, Ok, Promised } from './wx.js'

export interface ToastOption extends Callbacks<Ok> {
  title: string
  icon?: 'success' | 'error' | 'loading' | 'none' | undefined
  image?: string | undefined
  /** Milliseconds; default 1500. */
  duration?: number | undefined
  mask?: boolean | undefined
}

export interface LoadingOption extends Callbacks<Ok> {
  title: string
  mask?: boolean | undefined
}

export interface ModalOption extends Callbacks<Ok<ModalAnswer>> {
  title?: string | undefined
  content?: string | undefined
  showCancel?: boolean | undefined
  cancelText?: string | undefined
  confirmText?: string | undefined
  cancelColor?: string | undefined
  confirmColor?: string | undefined
  /** Whether the user may write a text. */
  editable?: boolean | undefined
  placeholderText?: string | undefined
}

export interface ModalAnswer {
  confirm: boolean
  cancel: boolean
  /** What the user wrote. */
  content: string
}

export interface UrlOption extends Callbacks<Ok> {
  /** With its query; beginning with a slash, or relative to the page. */
  url: string
}

export interface BackOption extends Callbacks<Ok> {
  /** How many pages; default 1. */
  delta?: number | undefined
}

export interface WxScreen {
  showToast<O extends ToastOption = ToastOption>(options: O): Promised<O, Ok>
  hideToast<O extends Callbacks<Ok> = Callbacks<Ok>>(options?: O): Promised<O, Ok>
  showLoading<O extends LoadingOption = LoadingOption>(options: O): Promised<O, Ok>
  hideLoading<O extends Callbacks<Ok> = Callbacks<Ok>>(options?: O): Promised<O, Ok>
  /** Waits until the user has answered: `devtools.answerModals`. */
  showModal<O extends ModalOption = ModalOption>(options: O): Promised<O, Ok<ModalAnswer>>
  /** The stack has 10 pages at most. */
  navigateTo<O extends UrlOption = UrlOption>(options: O): Promised<O, Ok>
  redirectTo<O extends UrlOption = UrlOption>(options: O): Promised<O, Ok>
  switchTab<O extends UrlOption = UrlOption>(options: O): Promised<O, Ok>
  reLaunch<O extends UrlOption = UrlOption>(options: O): Promised<O, Ok>
  navigateBack<O extends BackOption = BackOption>(options?: O): Promised<O, Ok>
}

/** What is on the screen. */
export interface Screen {
  readonly toast?: { readonly title: string; readonly icon: string }
  readonly loading?: { readonly title: string }
  readonly modal?: { readonly title: string; readonly content: string }
  /** The stack of pages, the visible one last, with their queries. */
  readonly pages: readonly string[]
}

/** A call that went to another page. */
export interface Navigation {
  readonly by: 'navigateTo' | 'redirectTo' | 'switchTab' | 'reLaunch' | 'navigateBack'
  /** The page that is visible now, with its query. */
  readonly page: string
}

/** What the user does with a dialog: whether they confirm it, and what they wrote. */
export type ModalReply = boolean | { readonly confirm: boolean; readonly content?: string }

/** Answers a dialog, at once or later. */
export type ModalUser = (modal: { title: string; content: string }) => ModalReply | Promise<ModalReply>
