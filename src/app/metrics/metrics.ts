/** Everything that is counted, and what it is counted by: each label has a closed set of values. */
import { createSingleFlight } from '../../domain/concurrency/single-flight.js'
import { type ErrorCode, R3SessionError } from '../../domain/errors.js'
import type { DomainEvent } from '../../domain/events.js'
import { limitNames } from '../../domain/limits/limit.js'
import { loginErrors } from '../../domain/login.js'
import { StaleAccessToken, type WechatGateway } from '../../domain/ports.js'
import { type Lane, usualPlaces } from '../admission/lanes.js'
import { processReport, textOf } from './exposition.js'
import { createCounter, createHistogram, gaugeOf, type Report } from './metric.js'
import { createRequestTally } from './requests.js'

/** WeChat's own names of its calls. */
const apis: Readonly<Record<keyof WechatGateway, string>> = {
  exchangeCode: 'code2Session',
  stableToken: 'getStableAccessToken',
  phoneNumber: 'getPhoneNumber',
  honoursKey: 'checkSessionKey',
  resetKey: 'resetUserSessionKey',
  encryptKeys: 'getUserEncryptKey',
}

/** Milliseconds. */
const WECHAT_BOUNDS = [10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000]
const STORE_BOUNDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000]

const OK = 'ok'

/** The reports of all processes that serve together, of which this one's `own` is one. */
export type Gather = (own: () => Promise<Report>) => Promise<readonly Report[]>

/**
 * @param sessions how many sessions the store holds; may fail
 * @param gather where several processes serve
 */
export function createMetrics({
  sessions,
  gather = async (own) => [await own()],
}: {
  sessions: () => Promise<number>
  gather?: Gather | undefined
}) {
  const requests = createRequestTally()
  const wechatCalls = createCounter(
    'wechat_calls_total',
    'Calls to WeChat by what came of them: ok, or the code of the error.',
    ['api', 'outcome'],
    Object.values(apis).map((api) => [api, OK]),
  )
  const wechatDurations = createHistogram(
    'wechat_call_duration_seconds',
    'Calls to WeChat, their repeat included.',
    'api',
    WECHAT_BOUNDS,
  )
  const logins = createCounter(
    'logins_total',
    'Logins by what came of them: ok, or the code of the error. A retry that got the first answer again is none.',
    ['outcome'],
    [OK, ...new Set<ErrorCode>([...loginErrors, 'internal'])].map((outcome) => [outcome]),
  )
  const decrypts = createCounter(
    'decrypts_total',
    'Sealed data by the session key that opened it: the newest, an older one, or none.',
    ['key'],
    [['newest'], ['older'], ['none']],
  )
  const shed = createCounter(
    'shed_total',
    'Requests that were refused for want of a place, by the kind of work.',
    ['kind'],
    Object.keys(usualPlaces).map((lane) => [lane]),
  )
  const limited = createCounter(
    'rate_limited_total',
    'Requests that a limit refused.',
    ['limit'],
    limitNames.map((limit) => [limit]),
  )
  const storeDurations = createHistogram(
    'store_duration_seconds',
    'Operations of the store, waiting included.',
    'operation',
    STORE_BOUNDS,
  )
  const storeFailures = createCounter(
    'store_failures_total',
    'Operations of the store that failed.',
    ['operation'],
    [],
  )

  let circuitOpen = 0

  /** All of it as it is now. */
  async function report(): Promise<Report> {
    // A store that can't be read is no reason to tell nothing at all.
    const held = await sessions().catch(() => undefined)
    return [
      ...requests.metrics(),
      wechatCalls.metric(),
      wechatDurations.metric(),
      gaugeOf(
        'wechat_circuit_open',
        'Processes whose circuit breaker on WeChat is open.',
        'sum',
        circuitOpen,
      ),
      logins.metric(),
      decrypts.metric(),
      // Every process sees the same store.
      gaugeOf('sessions', 'Sessions in the store; estimated where they are many.', 'max', held),
      shed.metric(),
      limited.metric(),
      storeDurations.metric(),
      storeFailures.metric(),
      ...(await processReport()),
    ]
  }

  // Whoever asks while the text is made gets that one: it is thousands of lines, and a port of its own knows no key.
  const inFlight = createSingleFlight<string>()

  return {
    observe: requests.observe,

    /** Hears of everything that happened. */
    happened(event: DomainEvent): void {
      if (event.type === 'login') logins.add([OK])
      else if (event.type === 'login_failed') logins.add([event.code])
      else if (event.type === 'decryption') decrypts.add([event.key])
      else if (event.type === 'limited') limited.add([event.limit])
      else if (event.type === 'wechat_circuit') circuitOpen = event.state === 'open' ? 1 : 0
    },

    /** Hears of every request for which there was no place. */
    shed: (lane: Lane) => shed.add([lane]),

    /** Hears of every call to WeChat. */
    wechatCalled(call: keyof WechatGateway, ms: number, error?: unknown): void {
      const api = apis[call]
      const outcome = error === undefined ? OK : outcomeOf(error)
      wechatCalls.add([api, outcome])
      if (outcome !== NOT_MADE) wechatDurations.observe(api, ms)
    },

    /** Hears of every operation of the store. */
    stored(operation: string, ms: number, error?: unknown): void {
      if (error !== undefined) storeFailures.add([operation])
      // Prometheus has to see the 0 that it rises from.
      else if (!storeDurations.has(operation)) storeFailures.add([operation], 0)
      storeDurations.observe(operation, ms)
    },

    report,

    /** What Prometheus reads. */
    text: () => inFlight('', async () => textOf(await gather(report))),
  }
}

export type Metrics = ReturnType<typeof createMetrics>

/** A call that was not made, since WeChat is out of reach. */
const NOT_MADE = 'circuit_open'

/** One of the error codes, whatever was thrown. */
function outcomeOf(error: unknown): string {
  if (error instanceof StaleAccessToken) return 'stale_access_token'
  if (!(error instanceof R3SessionError)) return 'internal'
  return error.facts.reason === 'circuit open' ? NOT_MADE : error.code
}
