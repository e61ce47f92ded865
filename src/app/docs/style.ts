/** The style sheet of the documentation page. System fonts, and no image: there is nothing else to load. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #fff; --raised: #f5f7f6; --line: #d9dfdc; --text: #1b2420; --quiet: #56635d; --link: #0a6b3d;
  --get: #0b5fa5; --post: #0a6b3d; --delete: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121614; --raised: #1b211e; --line: #333c38; --text: #e4eae7; --quiet: #9daaa4; --link: #5fd39a;
    --get: #7cbcf2; --post: #5fd39a; --delete: #ff9a92;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }
h1, h2, h3, h4 { line-height: 1.25; margin: 0; }
p { margin: .4rem 0; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .9em; }
code { overflow-wrap: anywhere; }
.skip { position: absolute; left: -99rem; background: var(--ground); padding: .5rem 1rem; z-index: 1; }
.skip:focus { left: .5rem; top: .5rem; }

nav { padding: 1rem 1.25rem; background: var(--raised); border-bottom: 1px solid var(--line); font-size: .9rem; }
nav .brand { font-size: 1.15rem; font-weight: 700; color: var(--text); text-decoration: none; }
nav h2 { font-size: .9rem; display: inline-block; margin: .3rem .9rem .3rem 0; }
nav ul { display: none; list-style: none; margin: 0; padding: 0; }
nav a { color: var(--text); text-decoration: none; overflow-wrap: anywhere; }
nav li a { display: flex; gap: .5rem; padding: .2rem 0; }
nav a:hover { text-decoration: underline; }

main { max-width: 52rem; padding: 1.25rem; }
h1 { font-size: 2rem; }
section > h2 { font-size: 1.5rem; margin-top: 2.5rem; }
.ways { display: flex; gap: 1rem; }
.command { position: relative; }
.copy { position: absolute; top: .45rem; right: .45rem; font: inherit; font-size: .8rem; line-height: 1.4; cursor: pointer;
  color: var(--text); background: var(--ground); border: 1px solid var(--line); border-radius: 6px; padding: .15rem .6rem; }
.copy:hover { border-color: var(--link); color: var(--link); }
.copy + pre { padding-top: 2.4rem; }
article { border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.25rem 1.25rem; margin: 1.25rem 0; }
article:has(:target) { border-color: var(--link); box-shadow: 0 0 0 1px var(--link); }
dl > div:target { background: var(--raised); box-shadow: inset 4px 0 var(--link); }
h3 { font-size: 1.1rem; }
h3 a { color: inherit; text-decoration: none; display: flex; gap: .6rem; align-items: baseline; }
h3 a:hover code { text-decoration: underline; }
h4 { font-size: .95rem; margin-top: 1rem; }
.method { font: 700 .75rem/1.5 ui-monospace, Menlo, Consolas, monospace; flex: none; width: 3.6rem; text-align: center;
  border: 1px solid currentcolor; border-radius: 5px; align-self: center; }
.get { color: var(--get); } .post { color: var(--post); } .delete { color: var(--delete); }

dl { margin: .5rem 0; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
dl > div { padding: .45rem .75rem; }
dl > div + div { border-top: 1px solid var(--line); }
dt i { white-space: nowrap; color: var(--quiet); font-style: normal; font-size: .85rem; margin-left: .3rem; }
dd { margin: 0; color: var(--quiet); font-size: .92rem; }
pre { background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: .7rem .9rem; margin: .6rem 0;
  white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.45; }
.fails { list-style: none; margin: .3rem 0 0; padding: 0; }
.fails li { padding: .15rem 0; display: flex; gap: .75rem; }
.fails a { margin-right: .5rem; }

@media (min-width: 40rem) { .copy + pre { padding-top: .7rem; padding-right: 5.5rem; } }
@media (min-width: 60rem) {
  body { display: grid; grid-template-columns: 21rem minmax(0, 1fr); }
  nav ul, nav h2 { display: block; }
  nav h2 { margin: .8rem 0 .2rem; }
  nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; border: 0; border-right: 1px solid var(--line); }
  main { padding: 2rem 3rem 6rem; max-width: 60rem; }
  article dl > div { display: grid; grid-template-columns: 18rem 1fr; gap: 0 1rem; }
}
@media print { nav, .skip, .copy { display: none; } article { break-inside: avoid; } }
`
