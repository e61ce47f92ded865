/**
 * What Redis does in one step, in Lua.
 *
 * A user is a hash: `ring`, the sealed ring; `ended`, the epoch at which all sessions were ended; `s:<id>`, each
 * session as `<hash> <unionid or -> <createdAt> <lastSeenAt> <expiresAt>`; `x:<id>`, the hash of one that has to make
 * room; `a:<hash>`, each attempt with an answer for this user, and since when.
 *
 * One server has all keys, so a script does the whole of an operation there. In a cluster sessions, attempts and the
 * epoch lie on other servers than their user; then a script is given the user's key alone, says what is left to do, and
 * raw-store.ts does it.
 */
import { createHash } from 'node:crypto'
import { common } from './common.js'

const bodies = {
  /**
   * Gives `outdated`, `ended`, or `saved` with the hashes of those that have to make room: on one server those that
   * did. In a cluster an earlier login may have left some.
   */
  save: `
local user, record, epoch, attempt = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local sealed, replaces, began, most, id, entry, created, ttl = unpack(ARGV, 1, 8)
local text, sessionPrefix, codeHash, codeKey, answer = unpack(ARGV, 9, 13)
local ended = tonumber(redis.call('HGET', user, 'ended') or '0') > tonumber(began)
local isForgotten = ended and redis.call('HEXISTS', user, 'ring') == 0
if not isForgotten and not putRing(user, sealed, replaces, tonumber(ttl)) then return { 'outdated' } end
if ended then
  if attempt then abandon(attempt, codeKey) end
  return { 'ended' }
end
local live = {}
for _, other in ipairs(sessions(user)) do
  if other.expires <= tonumber(created) then redis.call('HDEL', user, 's:' .. other.id)
  elseif other.id ~= id then live[#live + 1] = other end
end
table.sort(live, function(one, other) return one.created > other.created end)
local told = { 'saved', 0 }
for at = tonumber(most), #live do
  redis.call('HDEL', user, 's:' .. live[at].id)
  if record then redis.call('DEL', sessionPrefix .. live[at].hash)
  else redis.call('HSET', user, 'x:' .. live[at].id, live[at].hash) end
  told[2] = told[2] + 1
end
redis.call('HSET', user, 's:' .. id, entry)
if codeHash ~= '' then point(user, codeHash) end
if record then
  redis.call('SET', record, text, 'PX', ttl + MARGIN)
  if told[2] > 0 then raise(epoch) end
  if attempt then finish(attempt, codeKey, answer, user) end
  return told
end
local fields = redis.call('HGETALL', user)
for at = 1, #fields, 2 do
  if string.sub(fields[at], 1, 2) == 'x:' then
    told[#told + 1] = string.sub(fields[at], 3)
    told[#told + 1] = fields[at + 1]
  end
end
return told`,

  /** A session before its user has it, in a cluster. */
  record: `redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2] + MARGIN) return 1`,

  /** Gives the session's text; in a cluster it is only marked. */
  delete: `
local record, epoch, userPrefix = KEYS[1], KEYS[2], ARGV[1]
local text = redis.call('GET', record)
if not text then return false end
if not epoch then
  if string.sub(text, 1, 1) ~= '!' then redis.call('SET', record, '!' .. text, 'KEEPTTL') end
  return text
end
local appid, openid, id = string.match(text, '^(%S+) (%S+) %S+ (%S+)')
redis.call('DEL', record)
redis.call('HDEL', userPrefix .. appid .. ':' .. openid, 's:' .. id)
raise(epoch)
return text`,

  /** Whether the user had this session; for one server alone. */
  endOne: `
local user, epoch, id, sessionPrefix = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
local hash = string.match(redis.call('HGET', user, 's:' .. id) or '', '^%S+')
if not hash then return 0 end
redis.call('HDEL', user, 's:' .. id)
redis.call('DEL', sessionPrefix .. hash)
raise(epoch)
return 1`,

  /**
   * Gives how many lived; in a cluster also the ids and hashes of all sessions, then a '', then the attempts to be
   * forgotten.
   */
  endAll: `
local user, epoch = KEYS[1], KEYS[2]
local now, remember, forgets, sessionPrefix, attemptPrefix = unpack(ARGV, 1, 5)
local told, live = { 0 }, 0
for _, each in ipairs(sessions(user)) do
  if each.expires > tonumber(now) then live = live + 1 end
  if epoch then
    redis.call('HDEL', user, 's:' .. each.id)
    redis.call('DEL', sessionPrefix .. each.hash)
  else
    told[#told + 1] = 's:' .. each.id
    told[#told + 1] = each.hash
  end
end
local fields = redis.call('HGETALL', user)
if not epoch then
  for at = 1, #fields, 2 do
    if string.sub(fields[at], 1, 2) == 'x:' then
      told[#told + 1] = fields[at]
      told[#told + 1] = fields[at + 1]
    end
  end
  told[#told + 1] = ''
end
redis.call('HSET', user, 'ended', epoch and raise(epoch) or ARGV[6])
if forgets == '1' then
  redis.call('HDEL', user, 'ring')
  for at = 1, #fields, 2 do
    if string.sub(fields[at], 1, 2) == 'a:' then
      local hash = string.sub(fields[at], 3)
      if epoch then
        forget(attemptPrefix .. hash, user)
        redis.call('HDEL', user, fields[at])
      else told[#told + 1] = hash end
    end
  end
end
lengthen(user, remember - now)
told[1] = live
return told`,

  /** Gives the session's text where it was touched, or `seen later`. */
  touch: `
local record, userPrefix, seen, expires = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local text = redis.call('GET', record)
if not text or string.sub(text, 1, 1) == '!' then return false end
local appid, openid, unionid, id, created, last = string.match(text, '^(%S+) (%S+) (%S+) (%S+) (%d+) (%d+)')
if tonumber(last) > tonumber(seen) then return 'seen later' end
redis.call('SET', record, string.format('%s %s %s %s %s %s %s', appid, openid, unionid, id, created, seen, expires),
  'PX', math.max(expires - seen, 0) + MARGIN)
if userPrefix == '' then return text end
touchEntry(userPrefix .. appid .. ':' .. openid, id, seen, expires)
return text`,

  /** The user's half of a touch in a cluster. */
  touchUser: `return touchEntry(KEYS[1], ARGV[1], ARGV[2], ARGV[3])`,

  putRing: `return putRing(KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])) and 1 or 0`,
  /** Whether the user may have the answer, and points to it then. */
  point: `return pointOf(KEYS[1], ARGV[1])`,
  raise: `return raise(KEYS[1])`,

  /** Gives `first`, `running`, `taken`, or `answer` and the answer. */
  claim: `
local attempt, key, now, lease, remember = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local known = redis.call('HMGET', attempt, 'key', 'lease', 'until', 'answer')
if known[1] and tonumber(now) < tonumber(known[3]) then
  if known[1] ~= key then return { 'taken' } end
  if known[4] then return { 'answer', known[4] } end
  if tonumber(now) < tonumber(known[2]) then return { 'running' } end
  remember = known[3]
end
redis.call('DEL', attempt)
redis.call('HSET', attempt, 'key', key, 'lease', lease, 'until', remember)
redis.call('PEXPIRE', attempt, remember - now + MARGIN)
return { 'first' }`,
  /** On one server with the user's key and the attempt's hash. */
  finish: `
if KEYS[2] and pointOf(KEYS[2], ARGV[3]) == 0 then
  abandon(KEYS[1], ARGV[1])
  return 0
end
finish(KEYS[1], ARGV[1], ARGV[2], ARGV[4])
return 1`,
  forget: `forget(KEYS[1], ARGV[1]) return 1`,
  abandon: `abandon(KEYS[1], ARGV[1]) return 1`,

  claimToken: `
local held = redis.call('HGET', KEYS[1], 'claimed')
if held and tonumber(ARGV[1]) < tonumber(held) then return 0 end
redis.call('HSET', KEYS[1], 'claimed', ARGV[2])
return 1`,
  putToken: `
redis.call('HSET', KEYS[1], 'sealed', ARGV[1])
redis.call('HDEL', KEYS[1], 'claimed')
return 1`,
  /** Adds to a count, or begins one where none runs, and gives the sum and when it ends. */
  addCount: `
local count, now, ends = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local known = redis.call('HMGET', KEYS[1], 'count', 'until')
local lasts = tonumber(known[2] or '0')
if known[1] and lasts > now and lasts <= ends then
  count, ends = count + tonumber(known[1]), lasts
end
redis.call('HSET', KEYS[1], 'count', count, 'until', string.format('%.0f', ends))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.max(ends - now, 0) + MARGIN))
return { count, string.format('%.0f', ends) }`,
} as const

export type ScriptName = keyof typeof bodies

/** Each script with the hash that Redis calls it by. */
export const scripts = Object.fromEntries(
  Object.entries(bodies).map(([name, body]) => {
    const text = common + body
    return [name, { text, sha: createHash('sha1').update(text).digest('hex') }]
  }),
) as Readonly<Record<ScriptName, { readonly text: string; readonly sha: string }>>
