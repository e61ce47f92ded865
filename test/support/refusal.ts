import { R3SessionError } from '@r3session/client'
import { expect } from 'chai'

/** The R3SessionError that the promise rejects with. Fails the test for any other outcome. */
export async function refusal(promise: Promise<unknown>): Promise<R3SessionError> {
  const outcome = await promise.then(
    (value) => ({ resolved: value }),
    (error: unknown) => error,
  )
  expect(outcome).to.be.instanceOf(R3SessionError)
  return outcome as R3SessionError
}
