import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'chai'

const dockerfile = readFileSync('Dockerfile', 'utf8')
const ignored = readFileSync('.dockerignore', 'utf8').split('\n')
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
const found = (pattern: RegExp) => [...dockerfile.matchAll(pattern)].map(([, name = '']) => name)

describe('the Dockerfile', () => {
  it('names one exact Node for building and running, in its slim image without a compiler', () => {
    const bases = found(/^FROM (\S+)/gm)
    expect(bases).to.have.length(2)
    expect(new Set(bases).size).to.equal(1)
    expect(bases[0]).to.match(/^node:\d+\.\d+\.\d+-bookworm-slim(@sha256:[0-9a-f]{64})?$/)
    expect(dockerfile).not.to.match(/apt-get|npm rebuild/)
  })

  it('has the Node that CI runs the whole suite on', () => {
    const [version] = found(/^FROM node:([\d.]+)/gm)
    expect(readFileSync('.ci/run', 'utf8')).to.include(`with_node ${version} npx mocha`)
  })

  it('copies what is there and not ignored', () => {
    const sources = found(/^COPY (?!--from)(.+) \S+$/gm).flatMap((names) => names.split(' '))
    expect(sources).to.have.length.above(5)
    for (const name of sources) {
      expect(existsSync(name), name).to.equal(true)
      expect(ignored, name).to.include(`!${name.split('/')[0]}`)
    }
  })

  it('runs scripts and programs that exist', () => {
    const own = found(/\bdist\/(?:app|bundle)\/([\w-]+)\.js/g).map((name) => `src/app/${name}.ts`)
    const programs = [...own, ...found(/node (scripts\/[\w-]+\.mjs)/g)]
    expect(programs).to.have.length.of.at.least(2)
    for (const path of programs) expect(existsSync(path), path).to.equal(true)
    for (const name of found(/npm run (\w+)/g)) expect(scripts, name).to.have.property(name)
  })

  it('starts the service as npm start does', () => {
    const [command = ''] = found(/^CMD (.+)$/gm)
    expect(JSON.parse(command).join(' ')).to.equal(scripts.start)
  })
})
