import { expect } from 'chai'
import { createAdmission } from '#src/app/admission/admission.js'
import type { Asked } from '#src/app/http/asked.js'
import { type InspectionUseCases, inspectionRoutes } from '#src/app/routes/sandbox/inspection.js'
import type { Call } from '#src/sandbox/index.js'

/** What `GET /sandbox/calls` shows of a call with this body. */
async function shown(body: unknown): Promise<unknown> {
  const call: Call = { number: 1, at: 0, method: 'POST', path: '/', query: {}, body }
  const routes = inspectionRoutes({ weixin: { calls: [call] } } as unknown as InspectionUseCases)
  const route = routes.find(({ path }) => path === '/sandbox/calls')
  const answer = await route?.answer({ querystring: '' } as Asked, createAdmission({ after: () => () => {} }))
  return JSON.parse(answer?.body ?? '').calls[0].body
}

describe('the list of calls at /sandbox/calls', () => {
  it('the list of calls shows no secret of a body, be it JSON, a form or neither', async () => {
    expect(await shown({ secret: 's3', appid: 'wx' })).to.deep.equal({ secret: '…', appid: 'wx' })
    expect(await shown('appid=wx&secret=s3&js_code=c')).to.equal('…')
    expect(await shown('{"access_token":"t0"')).to.equal('…')
    expect(await shown('<xml/>')).to.equal('<xml/>')
    expect(await shown(7)).to.equal(7)
  })
})
