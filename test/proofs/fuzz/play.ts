import { connect } from 'node:net'
import { createDice, type Dice } from '../../support/genuine-data.js'
import { excerpt, problemOf, readAnswers } from './answers.js'
import { framed, type Genuine, kindsOf, unframed } from './requests.js'
import { oneIn } from './values.js'

/** What one connection sends, and what has to come back. */
interface Script {
  readonly bytes: Buffer
  /** Inputs in it. */
  readonly count: number
  /** Answers there have to be, where nobody can doubt how many requests there are. */
  readonly answers: number | undefined
  readonly ending: 'none' | 'half-close' | 'reset'
  /** Bytes after which it waits a moment; none for most. */
  readonly pauses: readonly number[]
}

const MOST_A_CONNECTION = 40

/** The script of the connection with this number. It depends on nothing else, so that one can be played again alone. */
export function scriptOf(seed: number, number: number, genuine: Genuine): Script {
  const dice = createDice(seed ^ Math.imul(number + 1, 0x9e3779b1))
  const kinds = kindsOf(genuine)
  const pauses = (size: number) =>
    oneIn(dice, 30) ? Array.from({ length: 1 + dice(3) }, () => dice(size)).sort((a, b) => a - b) : []
  if (oneIn(dice, 4)) {
    const bytes = Buffer.from(unframed(dice, kinds, genuine), 'latin1')
    const ending = (['none', 'half-close', 'reset'] as const)[dice(3)] ?? 'none'
    return { bytes, count: 1, answers: undefined, ending, pauses: pauses(bytes.length) }
  }
  const count = 1 + dice(MOST_A_CONNECTION)
  const all = Array.from({ length: count }, (_, n) => framed(dice, kinds, genuine, n === count - 1))
  // What follows the last one is nobody's request.
  const bytes = Buffer.from(all.join(''), 'latin1')
  return { bytes, count, answers: count, ending: endingOf(dice), pauses: pauses(bytes.length) }
}

function endingOf(dice: Dice): 'none' | 'half-close' {
  return oneIn(dice, 5) ? 'half-close' : 'none'
}

/** Milliseconds: a connection that is neither answered nor closed by then hangs. Node gives a request 10 s to arrive. */
const HANG = 180_000
/** After which we leave a connection that may rightly wait for more. */
const QUIET = 150

/** Plays a script and tells what is wrong with what came back. */
export async function play(
  port: number,
  script: Script,
  secrets: ReadonlySet<string>,
): Promise<string | undefined> {
  const { text, isClosed } = await converse(port, script)
  const { answers, problem } = readAnswers(text)
  // A connection that we left in the middle may have cut an answer.
  if (problem !== undefined && (isClosed || !/without an end|shorter/.test(problem))) return problem
  for (const answer of answers) {
    const wrong = problemOf(answer)
    if (wrong !== undefined) return wrong
    // Only a token's own login may show it, and no login here is a victim's.
    for (const secret of secrets) if (answer.body.includes(secret)) return 'a secret in an answer'
  }
  const { answers: expected } = script
  if (expected === undefined) return undefined
  if (!isClosed) return `hangs after ${answers.length} of ${expected} answers`
  // Node answers nothing more once a client has closed its half.
  const isEnded = answers.at(-1)?.headers.get('connection') === 'close' || script.ending === 'half-close'
  if (answers.length > expected || (answers.length < expected && !isEnded)) {
    return `${answers.length} answers to ${expected} requests; the last: ${excerpt(answers.at(-1)?.body ?? '')}`
  }
  return undefined
}

function converse(port: number, script: Script): Promise<{ text: string; isClosed: boolean }> {
  const { bytes, answers, ending, pauses } = script
  return new Promise((resolve) => {
    const heard: Buffer[] = []
    let isClosed = true
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const leave = () => {
      isClosed = false
      socket.destroy()
    }
    const timer = setTimeout(leave, answers === undefined ? QUIET : HANG)
    socket.on('data', (data) => {
      heard.push(data)
      if (answers === undefined) timer.refresh()
    })
    socket.on('end', () => socket.destroy())
    // A reset is an end like another: who sends more than is read gets one.
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      resolve({ text: Buffer.concat(heard).toString('latin1'), isClosed })
    })
    const cuts = [...pauses, bytes.length]
    let sent = 0
    const more = () => {
      const cut = cuts.shift()
      if (socket.destroyed) return
      if (cut === undefined) {
        if (ending === 'half-close') socket.end()
        else if (ending === 'reset') socket.resetAndDestroy()
        return
      }
      socket.write(bytes.subarray(sent, cut), () => (cuts.length > 1 ? setTimeout(more, 5) : more()))
      sent = cut
    }
    socket.on('connect', more)
  })
}
