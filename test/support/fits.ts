import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'chai'
import type { JsonSchema } from '#src/app/docs/json-schema.js'
import type { OpenApi } from '#src/app/docs/openapi.js'

/** Asserts by the rules of JSON Schema 2020-12, at their strictest, whether values fit the schemas of a document. */
export function fits({ components }: Pick<OpenApi, 'components'>) {
  const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
  const ajv = new Ajv2020({ strict: true, allErrors: true, formats: { 'date-time': utc } })
  // The schemas refer to each other by their place in the document.
  ajv.addVocabulary(['components'])
  return (schema: JsonSchema, value: unknown, message: string) => {
    const validate = ajv.compile({ ...schema, components })
    validate(value)
    expect(validate.errors ?? [], `${message}: ${JSON.stringify(value)}`).to.deep.equal([])
  }
}
