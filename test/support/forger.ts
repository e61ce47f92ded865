import type { Decryptor } from '#src/domain/ports.js'
import { createDice, type Dice, type Genuine, genuineOnes, sessionKey } from './genuine-data.js'

/**
 * Somebody who owns genuine ciphertexts, knows what is in them, and makes others out of them without the key. The cipher
 * is AES-CBC without a MAC: the iv rewrites the first block at will, and blocks can be cut, swapped and pasted.
 */

interface Forgery {
  readonly how: string
  readonly data: Buffer
  readonly iv: Buffer
}

/** What is worth forging. A value of these that no genuine ciphertext holds was forged. */
export const targets = [
  'openId',
  'unionId',
  'phoneNumber',
  'purePhoneNumber',
  'countryCode',
  'stepInfoList',
  'dataList',
  'KVDataList',
  'kv_list',
  'msgTicket',
  'openGId',
  'opengid',
  'open_single_roomid',
  'group_openid',
  'activityId',
] as const

/** First blocks that a forger would choose, 16 bytes each. */
const openings = [
  '{"phoneNumber":"',
  '{"countryCode":"',
  '{"openId":"oEVIL',
  '{"unionId":"uEVI',
  '{"openGId":"tGEV',
  '{"opengid":"tGEV',
  '{"opengid":"GEVI',
  '{"group_openid":',
  '{"msgTicket":"EV',
  '{"stepInfoList":',
  '{"dataList"    :',
  '{"dataList":[],"',
  '{"dataList":[{"d',
  '{"KVDataList"  :',
  '{"KVDataList":[{',
  '{"kv_list":[],"w',
  '{"nickName":"EVI',
  '{"chat_type":3,"',
  '{"x":0,         ',
  '1151_EVILEVILEVI',
  '9_EVILEVILEVILEV',
]

/** Whole messages of one block: 15 characters at most, since the padding takes one. */
const messages = [
  '{}',
  '{"opengid":"G"}',
  '{"opengid":"t"}',
  '{"chat_type":3}',
  '{"openGId":"G"}',
  '{"kv_list":[]}',
  '{"dataList":[]}',
  '{"openId":"oE"}',
  '1151_EVILEVIL12',
]

/** One forgery, by a trick chosen by the dice. */
export function forge(genuine: readonly Genuine[], dice: Dice): Forgery {
  const any = <T>(list: readonly T[]): T => {
    const chosen = list[dice(list.length)]
    if (chosen === undefined) throw new Error('nothing to choose from')
    return chosen
  }
  const { data, iv, text } = any(genuine)
  const other = any(genuine)
  const plain = padded(text)
  const count = data.length / 16
  const at = dice(count)
  const before = (block: number) => (block === 0 ? iv : blockOf(data, block - 1))
  /** The iv that has a block of `data`, put first, open as this text. */
  const steered = (block: number, to: Buffer) => xor(xor(before(block), blockOf(plain, block)), to)

  const tricks: [string, () => [Buffer, Buffer]][] = [
    ['bytes of the iv changed', () => [data, changed(iv, dice, 1 + dice(4))]],
    ['another iv', () => [data, Buffer.from(Array.from({ length: 16 }, () => dice(256)))]],
    ['the beginning rewritten', () => [data, steered(0, Buffer.from(any(openings)))]],
    ['cut, and a new beginning', () => [data.subarray(at * 16), steered(at, Buffer.from(any(openings)))]],
    ['cut', () => [data.subarray(at * 16), before(at)]],
    ['one block', () => [blockOf(data, at), steered(at, padded(any(messages)))]],
    ['the end dropped', () => [data.subarray(0, Math.max(1, at) * 16), iv]],
    ['bytes dropped', () => [data.subarray(0, data.length - 1 - dice(15)), iv]],
    ['a block dropped', () => [Buffer.concat([data.subarray(0, at * 16), data.subarray(at * 16 + 16)]), iv]],
    ['a block twice', () => [Buffer.concat([data.subarray(0, at * 16 + 16), data.subarray(at * 16)]), iv]],
    ['bytes of the data changed', () => [changed(data, dice, 1 + dice(3)), iv]],
    ['two of them spliced', () => [Buffer.concat([data.subarray(0, at * 16), endOf(other.data, dice)]), iv]],
    [
      'two of them spliced, and a new beginning',
      () => [
        Buffer.concat([data.subarray(at * 16, (at + 1 + dice(4)) * 16), endOf(other.data, dice)]),
        steered(at, Buffer.from(any(openings))),
      ],
    ],
  ]
  const [how, act] = any(tricks)
  const [forgedData, forgedIv] = act()
  return { how, data: forgedData, iv: forgedIv }
}

/** What opened with a value that no genuine ciphertext holds. */
export interface Success {
  readonly how: string
  readonly field: string
  readonly value: unknown
}

/** Makes so many forgeries and tells what became of them; `refused` are genuine ones that did not open. */
export function tryForgeries(
  howMany: number,
  seed: number,
  service: {
    decryptor: Decryptor
    read: (plaintext: string) => Readonly<Record<string, unknown>> | undefined
  },
) {
  const dice = createDice(seed)
  const genuine = genuineOnes(dice)
  const known = new Set<string>()
  const refused: string[] = []
  for (const { name, data, iv } of genuine) {
    const opened = open(data, iv)
    if (opened === undefined) {
      refused.push(name)
      continue
    }
    for (const field of targets) if (Object.hasOwn(opened, field)) known.add(mark(field, opened[field]))
  }

  let opened = 0
  const successes: Success[] = []
  for (let made = 0; made < howMany; made++) {
    const { how, data, iv } = forge(genuine, dice)
    const result = open(data, iv)
    if (result === undefined) continue
    opened++
    for (const field of targets) {
      const value = result[field]
      if (value !== undefined && !known.has(mark(field, value))) successes.push({ how, field, value })
    }
  }
  return { opened, successes, genuine, refused }

  function open(data: Buffer, iv: Buffer) {
    const sealed = { encryptedData: data.toString('base64'), iv: iv.toString('base64'), sessionKey }
    const plaintext = service.decryptor.open(sealed)
    return plaintext === undefined ? undefined : service.read(plaintext)
  }
}

function mark(field: string, value: unknown): string {
  return `${field} ${JSON.stringify(value)}`
}

function blockOf(data: Buffer, index: number): Buffer {
  return data.subarray(index * 16, index * 16 + 16)
}

function endOf(data: Buffer, dice: Dice): Buffer {
  return data.subarray(dice(data.length / 16) * 16)
}

function xor(one: Buffer, other: Buffer): Buffer {
  return Buffer.from(one.map((byte, at) => byte ^ (other[at] ?? 0)))
}

/** The text with PKCS#7 padding, as the cipher sees it. */
function padded(text: string): Buffer {
  const bytes = Buffer.from(text)
  const count = 16 - (bytes.length % 16)
  return Buffer.concat([bytes, Buffer.alloc(count, count)])
}

function changed(bytes: Buffer, dice: Dice, times: number): Buffer {
  const copy = Buffer.from(bytes)
  for (let time = 0; time < times; time++) {
    const place = dice(copy.length)
    copy.writeUInt8(copy.readUInt8(place) ^ (1 + dice(255)), place)
  }
  return copy
}
