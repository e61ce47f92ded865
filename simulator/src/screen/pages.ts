import { callApi } from '../calls/api.js'
import { WxFailure, wrongParameter } from '../calls/failure.js'
import type { Navigation, UrlOption, WxScreen } from '../types/screen.js'

/** How many pages the stack holds. */
const MAX_PAGES = 10

type Navigate = Pick<WxScreen, Navigation['by']>

/** The stack of pages. There is no app.json, so that every url is a page, and a tab as well. */
export function createPages(first: string) {
  let stack = [first]
  const navigations: Navigation[] = []
  const visible = () => stack.at(-1) ?? first

  /** The page that a url names, seen from the visible one. */
  const pageAt = (given: UrlOption): string => {
    const url: unknown = given.url
    if (typeof url !== 'string') throw wrongParameter('parameter.url', 'String', url)
    if (url === '') throw new WxFailure('url not in app.json')
    const { pathname, search } = new URL(url, `http://mini.program${visible()}`)
    return pathname + search
  }
  const go = (by: Navigation['by'], next: string[]): object => {
    stack = next
    navigations.push({ by, page: visible() })
    return {}
  }

  const wx: Navigate = {
    navigateTo: (options) =>
      callApi('navigateTo', options, (given) => {
        const page = pageAt(given)
        if (stack.length >= MAX_PAGES) throw new WxFailure(`the stack has ${MAX_PAGES} pages`)
        return go('navigateTo', [...stack, page])
      }),
    redirectTo: (options) =>
      callApi('redirectTo', options, (given) => go('redirectTo', [...stack.slice(0, -1), pageAt(given)])),
    switchTab: (options) =>
      callApi('switchTab', options, (given) => {
        const page = pageAt(given)
        if (page.includes('?')) throw new WxFailure('can not switch to a tab with a query')
        return go('switchTab', [page])
      }),
    reLaunch: (options) => callApi('reLaunch', options, (given) => go('reLaunch', [pageAt(given)])),
    navigateBack: (options) =>
      callApi('navigateBack', options, ({ delta = 1 }) => {
        // More than there are leads to the first page.
        return go('navigateBack', stack.slice(0, Math.max(1, stack.length - Math.max(1, delta))))
      }),
  }

  return {
    wx,
    stack: (): readonly string[] => [...stack],
    navigations: (): readonly Navigation[] => [...navigations],
  }
}
