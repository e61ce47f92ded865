import { Cluster, Redis } from 'ioredis'
import { R3SessionError } from '../../domain/errors.js'
import { reasonOf } from './reasons.js'
import { type ScriptName, scripts } from './scripts/scripts.js'

/** Milliseconds without an answer after which a connection is given up, and the most between two attempts at one. */
const [SILENCE, PAUSE] = [500, 250]

/** Before anything is known. */
const UNTOLD = 'no connection'

/** Where Redis is. Several hosts are nodes of one cluster. */
export interface RedisPlace {
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly isTls: boolean
  readonly username?: string
  readonly password?: string
  /** Of a single server. */
  readonly database: number
}

/** What ioredis is to us: one server, or a cluster, with the same commands. */
export type Commands = Pick<
  Redis,
  'get' | 'mget' | 'set' | 'del' | 'hget' | 'hgetall' | 'hdel' | 'eval' | 'evalsha' | 'wait'
>

export type Connection = ReturnType<typeof connect>

/** What may be said of the connection as it changes. */
export interface ConnectionEvents {
  /** A connection is there. Nothing else is asked until this resolves; where it fails, it is asked again. */
  readonly check: (client: Redis | Cluster) => Promise<void>
  /** From now on Redis is asked. */
  readonly found: () => void
  /** The reason, in a few words of ours. */
  readonly lost: (reason: string) => void
}

/**
 * Connects, and connects again whenever that is lost. Every call has a deadline and fails with `storage_unavailable`
 * after it, at once while there is no connection: nothing waits in a queue for one.
 *
 * @param deadline milliseconds that a command may take
 * @param random between 0 and 1, so that many processes do not come back in one moment
 */
export function connect(
  place: RedisPlace,
  { random, deadline }: { random: () => number; deadline: number },
  { check, found, lost }: ConnectionEvents,
) {
  const isCluster = place.hosts.length > 1
  const silence = Math.max(SILENCE, 2 * deadline)
  let usable = false
  let why = UNTOLD
  /** Looks again at a Redis that is there and did not pass. */
  let recheck: NodeJS.Timeout | undefined

  const pauseBefore = (tries: number) => Math.min(50 * 2 ** Math.min(tries, 4), PAUSE) * (0.5 + random() / 2)
  const common = {
    ...(place.username !== undefined && { username: place.username }),
    ...(place.password !== undefined && { password: place.password }),
    ...(place.isTls && { tls: {} }),
    // These end a connection on which somebody waits, in its handshake too; `inTime` ends the waiting of a call.
    connectTimeout: silence,
    socketTimeout: silence,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
  }
  const client = isCluster
    ? new Cluster([...place.hosts], {
        redisOptions: common,
        enableOfflineQueue: false,
        clusterRetryStrategy: pauseBefore,
        // A slot that moves is followed, and one that is between two nodes waited for.
        maxRedirections: 4,
        retryDelayOnFailover: 50,
        retryDelayOnClusterDown: 50,
        retryDelayOnTryAgain: 20,
        slotsRefreshTimeout: silence,
      })
    : new Redis({
        ...common,
        host: place.hosts[0]?.host ?? 'localhost',
        port: place.hosts[0]?.port ?? 6379,
        db: place.database,
        retryStrategy: pauseBefore,
        // `check` looks at the same, and says what it finds.
        enableReadyCheck: false,
        // It has become a replica: the name may lead to its successor by now.
        reconnectOnError: ({ message }) => message.startsWith('READONLY'),
      })

  if (client instanceof Cluster) {
    // Otherwise a node is connected to at its first command, and those that come meanwhile fail.
    client.on('+node', (node: Redis) => void node.connect().catch(() => {}))
  }
  function examine(): void {
    clearTimeout(recheck)
    reached(client)
      .then(() => check(client))
      .then(
        () => {
          usable = true
          found()
        },
        (error: unknown) => {
          // One that is lost is told of by its own events, and looked at when there is another.
          if (client.status !== 'ready') return
          close(reasonOf(error))
          recheck = setTimeout(examine, SILENCE).unref()
        },
      )
  }
  client.on('ready', examine)
  client.on('close', () => {
    clearTimeout(recheck)
    // An error came before, and knew more; otherwise each attempt would be news twice.
    if (usable || why === UNTOLD) close('the connection was lost')
  })
  client.on('error', (error: unknown) => close(reasonOf(error)))

  function close(reason: string): void {
    const isNews = usable || why !== reason
    usable = false
    why = reason
    if (isNews) lost(reason)
  }

  /** A failure in our words. */
  function failure(reason: string): R3SessionError {
    return new R3SessionError('storage_unavailable', { cause: new Error(`Redis: ${reason}`) })
  }

  /** Asks Redis for one thing. */
  async function call<Answer>(ask: (commands: Commands) => Promise<Answer>): Promise<Answer> {
    if (!usable) throw failure(why)
    return inTime(ask(client as Commands))
  }

  function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        // What has come while this process was held up is read first.
        setImmediate(() => reject(failure(`no answer within ${deadline} ms`)))
      }, deadline)
      answer.then(
        (value) => {
          clearTimeout(late)
          resolve(value)
        },
        (error: unknown) => {
          clearTimeout(late)
          reject(failure(reasonOf(error)))
        },
      )
    })
  }

  return {
    isCluster,
    call,
    inTime,

    /** Those that hold data; for what a command of the whole can't do. */
    servers(): readonly Redis[] {
      if (!usable) throw failure(why)
      return client instanceof Cluster ? client.nodes('master') : [client]
    },

    /** Runs a script by its hash, and hands over its text where Redis does not know it (any more). */
    run(name: ScriptName, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
      const { text, sha } = scripts[name]
      return call(async (commands) => {
        try {
          return await commands.evalsha(sha, keys.length, ...keys, ...args)
        } catch (error) {
          if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
          return commands.eval(text, keys.length, ...keys, ...args)
        }
      })
    },

    close(): void {
      usable = false
      why = 'closed'
      clearTimeout(recheck)
      client.disconnect()
    },
  }
}

/** Resolves when each node that is there has a connection, or can't get one. */
async function reached(client: Redis | Cluster): Promise<void> {
  if (client instanceof Redis) return
  const settled = client.nodes().map((node) => {
    if (node.status === 'ready') return undefined
    return new Promise<void>((resolve) => {
      for (const event of ['ready', 'close', 'end']) node.once(event, () => resolve())
      if (node.status === 'wait') node.connect().catch(() => {})
    })
  })
  await Promise.all(settled)
}
