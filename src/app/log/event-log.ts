import { type ErrorCode, R3SessionError } from '../../domain/errors.js'
import type { DomainEvent, Report } from '../../domain/events.js'
import type { Clock } from '../../domain/ports.js'
import { auditLine } from './audit.js'
import { defectOf } from './defect.js'
import type { Log } from './logger.js'

/** For how long further failures of a kind are only counted, in milliseconds. */
const QUIET = 10_000

/** Why a phone code brings no number although nothing is wrong here. */
const usersOwn: ReadonlySet<ErrorCode> = new Set(['code_invalid', 'code_used', 'invalid_session'])

/**
 * Writes what an operator wants to know of what happened: the audit; when WeChat is out of reach; and every failure that
 * no caller is told of. The request line has the rest.
 *
 * @param pseudonym the name under which an id stands in the log
 */
export function createEventLog(
  log: Pick<Log, 'info' | 'error'>,
  clock: Clock,
  pseudonym: (...id: readonly string[]) => string,
): Report {
  const failures = new Map<string, { quietUntil: number; unsaid: number }>()

  /** A store that is out of reach fails with every request, and one line a while says as much as thousands. */
  function logFailure(of: string, error: unknown): void {
    const { quietUntil, unsaid } = failures.get(of) ?? { quietUntil: 0, unsaid: 0 }
    const now = clock()
    if (now < quietUntil) {
      failures.set(of, { quietUntil, unsaid: unsaid + 1 })
      return
    }
    failures.set(of, { quietUntil: now + QUIET, unsaid: 0 })
    const { code, facts } = error instanceof R3SessionError ? error : new R3SessionError('internal')
    log.error(
      { failed: of, code, ...facts, ...(unsaid > 0 && { unsaid }) },
      'a failure that no caller was told of',
    )
  }

  function logCircuit(event: DomainEvent & { type: 'wechat_circuit' }): void {
    if (event.state === 'open') {
      const { reason } = event
      log.error({ reason }, 'WeChat is out of reach: calls fail at once, but for one every few seconds')
    } else {
      const { after, refused } = event
      log.info({ seconds: Math.round(after / 100) / 10, refused }, 'WeChat is back')
    }
  }

  function logNoPhone({ appid, error, by }: DomainEvent & { type: 'phone_failed' }): void {
    const { code, facts } = error instanceof R3SessionError ? error : new R3SessionError('internal')
    const fields = { requestId: by?.requestId, appid, code, ...facts }
    const text = 'a login without the phone number that was asked for with it'
    if (usersOwn.has(code)) log.info(fields, text)
    else
      log.error(
        { ...fields, ...(code === 'internal' && error instanceof Error && { cause: defectOf(error) }) },
        text,
      )
  }

  return (event) => {
    if (event.type === 'phone_failed') logNoPhone(event)
    else if (event.type === 'wechat_circuit') logCircuit(event)
    else if (event.type === 'failure') logFailure(event.of, event.error)
    else {
      const line = auditLine(event, pseudonym)
      if (line !== undefined) log.info(line, 'audit')
    }
  }
}
