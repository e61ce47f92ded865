type Attributes = Readonly<Record<string, string | boolean>>

/** Creates an element with attributes and children. Strings become text nodes, so no value is ever read as HTML. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'string') element.setAttribute(name, value)
    else element.toggleAttribute(name, value)
  }
  element.append(...children)
  return element
}

/** The element of index.html with this id. Throws if there is none, or if it has another type. */
export function find<Kind extends HTMLElement = HTMLElement>(id: string, kind?: new () => Kind): Kind {
  const element = document.getElementById(id)
  if (element === null || (kind !== undefined && !(element instanceof kind))) {
    throw new Error(`the page has no #${id}`)
  }
  return element as Kind
}

/**
 * Updates the children of `parent` from a list. Items of the list never change, they are replaced; so the element of a
 * known item stays as it is, with its focus and its opened details.
 */
export function keepList<Item extends object>(parent: HTMLElement, make: (item: Item) => HTMLElement) {
  let shown: { item: Item; element: HTMLElement }[] = []
  return {
    show(items: readonly Item[]): void {
      const known = new Map(shown.map((entry) => [entry.item, entry]))
      shown = items.map((item) => known.get(item) ?? { item, element: make(item) })
      const wanted = new Set(shown.map(({ element }) => element))
      for (const child of [...parent.children]) if (!wanted.has(child as HTMLElement)) child.remove()
      for (const [index, { element }] of shown.entries()) {
        if (parent.children[index] !== element) parent.insertBefore(element, parent.children[index] ?? null)
      }
    },
    /** Lets the next `show` create all elements again, for example after a change of language. */
    forget(): void {
      shown = []
    },
  }
}

/** Makes `button` open and close `content`, which begins closed. Gives what sets it. */
export function makeToggle(button: HTMLElement, content: HTMLElement): (isOpen: boolean) => void {
  const set = (isOpen: boolean) => {
    button.setAttribute('aria-expanded', String(isOpen))
    content.hidden = !isOpen
  }
  set(false)
  button.addEventListener('click', () => {
    set(content.hidden !== false)
    content.scrollIntoView({ block: 'nearest' })
  })
  return set
}
