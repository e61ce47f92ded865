import type { Devtools } from '@r3session/wx-simulator'
import { el, find } from '../page/dom.js'

/**
 * The Storage panel, as in WeChat's devtools: what the mini program has stored on this phone, exactly as it is stored.
 */
export function createStoragePanel() {
  const body = find('storage')
  return {
    show({ entries, currentSize, limitSize }: ReturnType<Devtools['storage']>): void {
      const rows = entries.map(({ key, value, type, encrypted }) =>
        el(
          'tr',
          {},
          el('th', { scope: 'row' }, key),
          el('td', { class: encrypted ? 'encrypted' : 'plain' }, value),
          el('td', {}, type),
        ),
      )
      body.replaceChildren(...rows)
      find('current-size').textContent = `${currentSize} KB`
      find('limit-size').textContent = `${limitSize} KB`
    },
  }
}
