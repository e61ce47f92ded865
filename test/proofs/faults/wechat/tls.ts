/** Bad TLS, of a server that is trusted otherwise: one service, whose WeChat changes its certificate. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TlsOptions } from 'node:tls'
import type { Fault, Seen } from '../fault.js'
import { healthy, startStub } from '../stage/stub.js'
import type { Task } from '../task.js'
import { authority, expired, good, key, ofAnother } from './certificates.js'

interface BadTls {
  readonly name: string
  readonly made: string
  /** `true` is a certificate that nobody has signed, `false` a server that speaks no TLS at all. */
  readonly tls: TlsOptions | boolean
}

const kinds: readonly BadTls[] = [
  {
    name: 'TLS: expired',
    made: 'a certificate whose time was over in 2020',
    tls: { key, cert: expired },
  },
  { name: 'TLS: of another host', made: 'a certificate for wechat.example', tls: { key, cert: ofAnother } },
  {
    name: 'TLS: untrusted',
    made: 'a self-signed certificate',
    tls: true,
  },
  {
    name: 'TLS: too old',
    made: 'a server that knows TLS 1.1 and no later one',
    tls: { key, cert: good, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
  },
  { name: 'TLS: none', made: 'a server that answers the handshake in plain HTTP', tls: false },
]

const faults = kinds.map(({ tls, ...kind }) => ({
  tls,
  fault: {
    ...kind,
    group: 'WeChat',
    expected: {
      asked: '503 wechat_unreachable',
      calls: 0,
      sessions: '200',
      lost: 0,
      recovered: 'by itself',
    },
  } satisfies Fault,
}))

export const badTls: Task = {
  faults: faults.map(({ fault }) => fault),

  async run(stage, tell) {
    const well = { key, cert: good }
    let stub = await startStub({ tls: well })
    const { port } = stub
    stage.atEnd(() => stub.close())
    const trusted = join(stage.folder, 'authority.pem')
    writeFileSync(trusted, authority)
    const house = await stage.house({ wechat: stub, env: { NODE_EXTRA_CA_CERTS: trusted } })

    async function become(tls: TlsOptions | boolean): Promise<void> {
      await stub.close()
      stub = await startStub({ tls, port })
      stub.meets(healthy)
    }

    for (const { fault, tls } of faults) {
      await tell(fault, async (): Promise<Seen> => {
        await become(tls)
        const { result: asked, sessions } = await house.verifyDuring(house.login())
        // Not even what speaks no TLS may be given a request: it would hold code and AppSecret.
        const calls = stub.requests.filter((head) => /HTTP\/1/.test(head)).length
        await become(well)
        return { asked, calls, sessions, recovered: await house.recovery(), lost: await house.lost() }
      })
    }
  },
}
