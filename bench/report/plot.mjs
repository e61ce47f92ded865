/** Bars as an SVG that brings its own ground, light or dark as the reader's screen is. */
const ROW = 30
const [LABELS, BARS, WIDTH] = [210, 330, 720]

const escaped = (text) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** `rows` are `{label, value, note, kind}`; the kind is `ours`, `bare` or nothing. Lengths are shares of the longest. */
export function plotOf(title, rows) {
  const longest = Math.max(...rows.map(({ value }) => value))
  const height = 52 + rows.length * ROW
  const bars = rows.map(({ label, value, note, kind = 'rival' }, n) => {
    const y = 44 + n * ROW
    const width = Math.max(1, (value / longest) * BARS)
    return `  <text class="label ${kind}" x="${LABELS}" y="${y + 15}">${escaped(label)}</text>
  <rect class="${kind}" x="${LABELS + 12}" y="${y}" width="${width.toFixed(1)}" height="20" rx="3"/>
  <text x="${(LABELS + 20 + width).toFixed(1)}" y="${y + 15}">${escaped(note)}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
  <title>${escaped(title)}</title>
  <style>
    .ground { fill: #ffffff } text { fill: #1f2328; font: 13px system-ui, sans-serif }
    .title { font-weight: 600; font-size: 14px } .label { text-anchor: end } text.ours { font-weight: 600 }
    rect.rival { fill: #8c959f } rect.bare { fill: #c8d1da } rect.ours { fill: #1a7f37 }
    @media (prefers-color-scheme: dark) {
      .ground { fill: #0d1117 } text { fill: #e6edf3 }
      rect.rival { fill: #6e7681 } rect.bare { fill: #3d444d } rect.ours { fill: #3fb950 }
    }
  </style>
  <rect class="ground" width="${WIDTH}" height="${height}" rx="6"/>
  <text class="title" x="16" y="26">${escaped(title)}</text>
${bars.join('\n')}
</svg>
`
}
