/**
 * The script of the documentation page, as it goes into it. The page is whole without it: it adds the buttons that copy
 * commands, and puts the address in the browser's own bar into them, which a proxy may keep from the service.
 */
export const script = `
for (const block of document.querySelectorAll('pre[data-origin]')) {
  const code = block.querySelector('code')
  const here = new URL('.', location.href).href.replace(/\\/$/, '')
  if (location.protocol.startsWith('http')) {
    code.textContent = code.textContent.replaceAll('"' + block.dataset.origin + '/', '"' + here + '/')
  }
  const button = document.createElement('button')
  const { copy, copied } = document.body.dataset
  button.type = 'button'
  button.className = 'copy'
  button.textContent = copy
  button.addEventListener('click', async () => {
    try {
      // There is none where the page comes over plain HTTP from another machine.
      await navigator.clipboard.writeText(code.textContent)
    } catch {
      getSelection().selectAllChildren(code)
      document.execCommand('copy')
    }
    button.textContent = copied
    setTimeout(() => { button.textContent = copy }, 2000)
  })
  block.before(button)
}
`
