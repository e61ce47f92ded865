import { join } from 'node:path'
import { temporaryFolder } from '../../../support/service/spawn-service.js'
import { type House, type HouseOptions, openHouse } from './house.js'
import { startStub } from './stub.js'

/** Where faults are played: what is opened here is closed at the end, whatever happened. */
export function createStage() {
  const folder = temporaryFolder()
  const closing: (() => unknown)[] = []
  const atEnd = (close: () => unknown) => void closing.push(close)
  let houses = 0

  return {
    folder: folder.path,
    /** Is called at the end; what came last goes first. */
    atEnd,

    async stub(options: Parameters<typeof startStub>[0] = {}) {
      const stub = await startStub(options)
      atEnd(() => stub.close())
      return stub
    },

    /** A service with sessions in it, before a WeChat that is well unless another is given. */
    async house({
      furnished = true,
      ...options
    }: Partial<HouseOptions> & { furnished?: boolean } = {}): Promise<House> {
      const wechat = options.wechat ?? (await this.stub())
      const store = options.store ?? join(folder.path, `data-${houses++}`, 'sessions.db')
      const house = await openHouse({ ...options, wechat, store })
      atEnd(() => house.close())
      if (furnished) await house.furnish()
      return house
    },

    async close(): Promise<void> {
      for (const close of closing.reverse()) await close()
      folder.remove()
    },
  }
}

export type Stage = ReturnType<typeof createStage>
