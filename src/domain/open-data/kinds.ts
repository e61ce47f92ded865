import { isObject, isWhole } from '../json.js'
import { readPhone } from './phone-form.js'

/** The fields of a JSON object that WeChat may have sealed. */
type Fields = Readonly<Record<string, unknown>>

interface SealedKind {
  /** The fields by which it is known. Further ones say nothing and are kept: WeChat adds new ones. */
  readonly fields: readonly string[]
  /** Whether its fields have the form that WeChat gives them. */
  readonly isGenuine: (data: Fields) => boolean
  /** Only for the kind that WeChat seals without a watermark. */
  readonly withoutWatermark?: true
}

/**
 * `openGId` of getShareInfo and `opengid` of getGroupEnterInfo: in all samples `G` or `tG`, and 27 more of base64url.
 * Whoever owns one genuine ciphertext can write a message of 15 characters, so what counts has at least 20, and no more
 * than the longest, since a longer one was put together.
 */
const GROUP_ID = /^(?=.{20,29}$)t?G[\w-]+$/

/** The other ids of a chat (WeChat docs, getChatToolInfo), whose form WeChat does not tell. */
const CHAT_ID = /^[\w-]{20,64}$/

/** Opaque; visible characters that JSON does not escape. */
const TICKET = /^[\x21\x23-\x5b\x5d-\x7e]{20,512}$/

/**
 * The kinds of JSON that WeChat seals. Genuine data has fields of one kind only: a payload spliced together from pieces
 * of others shows fields of two (a nickname cut out of user info and dressed up as a phone number drags `gender` along),
 * and one whose name was rewritten through the iv shows none, or values of another kind than its name promises.
 */
const kinds: readonly SealedKind[] = [
  {
    // getUserInfo, and getUserProfile, which seals no ids: a profile without openId is genuine and says nothing about who.
    fields: [
      'openId',
      'unionId',
      'nickName',
      'gender',
      'language',
      'city',
      'province',
      'country',
      'avatarUrl',
      'is_demote',
    ],
    isGenuine: () => true,
  },
  {
    fields: ['phoneNumber', 'purePhoneNumber', 'countryCode'],
    isGenuine: (data) => !('wrong' in readPhone(data)),
  },
  {
    // getShareInfo; `msgTicket` where the message was a private one
    fields: ['openGId', 'msgTicket'],
    isGenuine: ({ openGId, msgTicket }) =>
      (openGId === undefined || isText(openGId, GROUP_ID)) &&
      (msgTicket === undefined || isText(msgTicket, TICKET)),
  },
  {
    // getWeRunData
    fields: ['stepInfoList'],
    isGenuine: ({ stepInfoList }) =>
      isListOf(stepInfoList, ({ timestamp, step }) => isCount(timestamp) && isCount(step)),
  },
  {
    // getGameClubData answers each type that was asked for; getUserInteractiveStorage may have nothing for the user
    fields: ['dataList', 'KVDataList', 'kv_list'],
    isGenuine: isGenuineGame,
  },
  {
    // getGroupEnterInfo and getChatToolInfo; an id that does not apply is absent or empty
    fields: ['opengid', 'open_single_roomid', 'group_openid', 'chat_type'],
    isGenuine: isGenuineGroup,
    withoutWatermark: true,
  },
]

const kindOfField = new Map(kinds.flatMap((kind) => kind.fields.map((field) => [field, kind] as const)))

/** The one kind that the data is of, with all it must have; `undefined` for none, for two and for a doubtful one. */
export function kindOf(data: Fields): SealedKind | undefined {
  let kind: SealedKind | undefined
  for (const field of Object.keys(data)) {
    const its = kindOfField.get(field)
    if (its === undefined) continue
    if (kind !== undefined && its !== kind) return undefined
    kind = its
  }
  return kind?.isGenuine(data) ? kind : undefined
}

/**
 * The activity id that authPrivateMessage seals as bare text, no JSON: a number, an underscore and characters of
 * base64url, 85 in all, or 84 where the number is a digit shorter. Only the whole form counts, since nothing else
 * vouches for it.
 */
export function readActivity(plaintext: string): { readonly activityId: string } | undefined {
  return /^(?=.{84,85}$)\d{1,10}_[\w-]+$/.test(plaintext) ? { activityId: plaintext } : undefined
}

/** `{"kv_list":[]` fits in a forged first block, so a list of nothing counts only with nothing beside it. */
function isGenuineGame({ watermark: _, ...data }: Fields): boolean {
  const { dataList, KVDataList, kv_list } = data
  const lists = [KVDataList, kv_list].filter((list) => list !== undefined)
  if (dataList !== undefined && !(isListOf(dataList, isGameValue) && dataList.length > 0)) return false
  if (!lists.every((list) => isListOf(list, isKeyValue))) return false
  return Object.keys(data).length === 1 || lists.every((list) => list.length > 0)
}

function isGenuineGroup({ watermark: _, ...data }: Fields): boolean {
  const { opengid, open_single_roomid, group_openid, chat_type } = data
  const ids: [unknown, RegExp][] = [
    [opengid, GROUP_ID],
    [open_single_roomid, CHAT_ID],
    [group_openid, CHAT_ID],
  ]
  const given = ids.filter(([id]) => id !== undefined && id !== '')
  const known = ['opengid', 'open_single_roomid', 'group_openid', 'chat_type']
  return (
    given.length > 0 &&
    given.every(([id, form]) => isText(id, form)) &&
    (chat_type === undefined || isCount(chat_type)) &&
    Object.keys(data).every((field) => known.includes(field))
  )
}

function isGameValue({ dataType, value }: Fields): boolean {
  return isObject(dataType) && value !== undefined
}

function isKeyValue({ key, value }: Fields): boolean {
  return typeof key === 'string' && value !== undefined
}

function isListOf(value: unknown, isItem: (item: Fields) => boolean): value is readonly Fields[] {
  return Array.isArray(value) && value.every((item: unknown) => isObject(item) && isItem(item))
}

function isText(value: unknown, form: RegExp): boolean {
  return typeof value === 'string' && form.test(value)
}

function isCount(value: unknown): boolean {
  return isWhole(value) && value >= 0
}
