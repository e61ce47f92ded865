import type { Callbacks, Ok, Promised } from './wx.js'

/** Both base64. Unlike at WeChat there is no `cloudID`. */
export interface SealedResult {
  encryptedData: string
  iv: string
}

type SealedCallbacks = Callbacks<Ok<SealedResult>>

export interface ShareInfoOption extends SealedCallbacks {
  shareTicket: string
  timeout?: number | undefined
}

export interface GroupEnterInfoOption extends SealedCallbacks {
  allowSingleChat?: boolean | undefined
  needGroupOpenID?: boolean | undefined
}

export interface WxSealed {
  /** Seals `openGId`. Any text is a good ticket. */
  getShareInfo<O extends ShareInfoOption = ShareInfoOption>(options: O): Promised<O, Ok<SealedResult>>
  /** Seals the steps of 31 days. Asks the user for `scope.werun`. */
  getWeRunData<O extends SealedCallbacks = SealedCallbacks>(options?: O): Promised<O, Ok<SealedResult>>
  /** Seals `opengid`, without a watermark, if the mini program was opened from a group. */
  getGroupEnterInfo<O extends GroupEnterInfoOption = GroupEnterInfoOption>(
    options?: O,
  ): Promised<O, Ok<SealedResult>>
}
