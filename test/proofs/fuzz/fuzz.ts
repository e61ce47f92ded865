import { play, scriptOf } from './play.js'
import { startTarget, type Target } from './target.js'

export interface Options {
  readonly seed: number
  /** Inputs to send. */
  readonly count: number
  /** After which it stops, however many it has sent. */
  readonly seconds?: number | undefined
  /** The only connection to play, of those that the seed makes. */
  readonly only?: number | undefined
  readonly tell?: (text: string) => void
}

/** Connections at once. */
const AT_ONCE = 64
/** Inputs between two looks at memory and descriptors. */
const BETWEEN_LOOKS = 50_000
/** Findings that are told as they come. */
const MOST_TOLD = 20

export interface Found {
  /** Number of the connection, to be given as `only`. */
  readonly connection: number
  readonly problem: string
}

export interface Result {
  readonly inputs: number
  readonly connections: number
  readonly found: readonly Found[]
  /** What it wrote on stderr or logged as an error, and how it ended where that was not in order. */
  readonly complaints: readonly string[]
  /** Descriptors before, and when all connections were closed. */
  readonly descriptors: readonly [number, number]
  /** MB in memory, look by look. */
  readonly memory: readonly number[]
}

/** Sends that many inputs to a service of its own, and tells what is not as it has to be. */
export async function fuzz({
  seed,
  count,
  seconds = Infinity,
  only,
  tell = () => {},
}: Options): Promise<Result> {
  const target = await startTarget()
  let genuine = await target.genuine()
  const before = target.descriptors()
  const found: Found[] = []
  const memory: number[] = []
  let inputs = 0
  let connections = 0
  let nextLook = Math.min(BETWEEN_LOOKS, count / 4)
  const deadline = performance.now() + seconds * 1000

  const player = async () => {
    while (inputs < count && performance.now() < deadline && target.isAlive()) {
      const number = only ?? connections
      connections++
      const script = scriptOf(seed, number, genuine)
      inputs += script.count
      const problem = await play(target.port, script, target.secrets)
      if (problem !== undefined) {
        found.push({ connection: number, problem })
        if (found.length <= MOST_TOLD) tell(`--seed=${seed} --only=${number}: ${problem}`)
      }
      if (only !== undefined) return
      if (inputs < nextLook) continue
      nextLook += Math.min(BETWEEN_LOOKS, count / 4)
      memory.push(Math.round(target.memory()))
      tell(
        `${inputs} inputs, ${connections} connections, ${memory.at(-1)} MB, ${Math.round(target.cpu() / 1000)} s of CPU, ${found.length} found`,
      )
      // Sessions end (a request says so), users are forgotten: new ones, so that requests get beyond the door.
      genuine = await target.genuine()
    }
  }
  await Promise.all(Array.from({ length: only === undefined ? AT_ONCE : 1 }, player))
  const complaints = [...target.complaints]
  if (!target.isAlive()) complaints.push('it has ended by itself')
  const after = target.isAlive() ? await settledDescriptors(target, before) : 0
  const [status, signal] = await target.stop()
  if (status !== 0) complaints.push(`it ended with ${status ?? signal}`)
  return { inputs, connections, found, complaints, descriptors: [before, after], memory }
}

/** What is open when all that we left has been noticed. */
async function settledDescriptors(target: Target, before: number): Promise<number> {
  for (let tries = 0; tries < 300 && target.descriptors() > before; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return target.descriptors()
}
