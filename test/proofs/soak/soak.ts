import { setTimeout as pause } from 'node:timers/promises'
import { COLLECTOR, SERVICE_KEY, startTarget } from '../fuzz/target.js'
import { APPID, createLoad, startQuickWechat } from './load.js'

export interface Options {
  readonly minutes: number
  readonly seed: number
  /** Requests a second; half of what is measured first where it is not told. */
  readonly rate?: number | undefined
  readonly tell: (text: string) => void
}

/** Milliseconds. */
const TICK = 20
const CALIBRATION = 10_000
const BETWEEN_SAMPLES = 30_000
/** For so long, and some, a connection to WeChat is kept that nobody uses. */
const KEPT = 25_000
/** In flight at most, so that a machine that stands still does not make a heap of its own. */
const MOST_UNDER_WAY = 200

/** Samples that the lowest one is taken of, where there are enough. */
const FEW = 4

export interface Sample {
  readonly minute: number
  /** In memory as the system counts, garbage included. */
  readonly resident: number
  /** What lives on the heap after a collection. */
  readonly megabytes: number
  readonly descriptors: number
}

/** Keeps the shipped process busy and looks at what it holds, twice a minute. */
export async function soak({ minutes, seed, rate, tell }: Options) {
  const wechat = await startQuickWechat()
  const target = await startTarget({
    NODE_OPTIONS: COLLECTOR,
    WECHAT_API: wechat.url,
    WECHAT_APPID: APPID,
    WECHAT_SECRET: '0123456789abcdef0123456789abcdef',
  })
  const load = createLoad(target.port, seed)
  for (let n = 0; n < 200; n++) await load.one()
  const before = target.descriptors()
  const perSecond = Math.round(rate ?? (await capacity(load)) / 2)
  tell(`${perSecond} requests a second`)

  const samples: Sample[] = []
  const began = performance.now()
  const sentSoFar = () => Object.values(load.statuses).reduce((sum, count) => sum + count, 0)
  const already = sentSoFar()
  let due = 0
  let nextSample = BETWEEN_SAMPLES
  const look = async (minute: number) => {
    target.collect()
    await pause(500)
    const megabytes = await heapOf(target.port)
    const sample = { minute, megabytes, resident: target.memory(), descriptors: target.descriptors() }
    samples.push(sample)
    const [heap, resident] = [megabytes.toFixed(2), Math.round(sample.resident)]
    tell(
      `minute ${minute.toFixed(1)}: heap ${heap} MB, resident ${resident} MB, ${sample.descriptors} descriptors`,
    )
  }
  for (let now = 0; now < minutes * 60_000; now = performance.now() - began) {
    for (const wanted = (now * perSecond) / 1000; due < wanted; due++) {
      if (load.underWay() < MOST_UNDER_WAY) void load.one()
    }
    if (now >= nextSample) {
      nextSample += BETWEEN_SAMPLES
      void look(now / 60_000)
    }
    await pause(TICK)
  }
  while (load.underWay() > 0) await pause(TICK)
  load.close()
  const { complaints, descriptors } = target
  // Connections to WeChat are kept for a while, and during the load there were more of them than before it.
  const late = performance.now() + KEPT
  while (descriptors() > before && performance.now() < late) await pause(1000)
  const after = descriptors()
  const [status] = await target.stop()
  wechat.close()
  return {
    samples,
    statuses: load.statuses,
    sent: sentSoFar() - already,
    perSecond,
    complaints,
    descriptors: [before, after] as const,
    status,
  }
}

/** MB on the heap, by the service's own count. */
async function heapOf(port: number): Promise<number> {
  const headers = { authorization: `Bearer ${SERVICE_KEY}` }
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).text()
  return Number(/^\w*nodejs_heap_size_used_bytes\S* (\S+)$/m.exec(text)?.[1]) / 1024 / 1024
}

/** Requests a second, asked by 32 at once. */
async function capacity(load: ReturnType<typeof createLoad>): Promise<number> {
  const end = performance.now() + CALIBRATION
  let count = 0
  const player = async () => {
    for (; performance.now() < end; count++) await load.one()
  }
  await Promise.all(Array.from({ length: 32 }, player))
  return (count * 1000) / CALIBRATION
}

/**
 * Megabytes a minute by which memory grew in the later half: the slope of the line through the lowest of each few
 * samples. The others hold more of what was just under way.
 */
export function growth(samples: readonly Sample[]): number {
  const later = samples.slice(Math.floor(samples.length / 2))
  const few = later.length < 4 * FEW ? 1 : FEW
  const half = Array.from({ length: Math.ceil(later.length / few) }, (_, n) =>
    later
      .slice(n * few, (n + 1) * few)
      .reduce((lowest, each) => (each.megabytes < lowest.megabytes ? each : lowest)),
  )
  const mean = (of: (sample: Sample) => number) => half.reduce((sum, each) => sum + of(each), 0) / half.length
  const [x, y] = [mean(({ minute }) => minute), mean(({ megabytes }) => megabytes)]
  let [above, below] = [0, 0]
  for (const { minute, megabytes } of half) {
    above += (minute - x) * (megabytes - y)
    below += (minute - x) ** 2
  }
  return above / below
}
