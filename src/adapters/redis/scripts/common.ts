/** What several scripts do, as functions that stand before each of them. */

/** Milliseconds that a key outlives what it is for, so that clocks may differ. */
const MARGIN = 60_000

export const common = `
local MARGIN, HOUR = ${MARGIN}, 3600000
local function lengthen(key, ttl)
  if redis.call('PTTL', key) < ttl + MARGIN then redis.call('PEXPIRE', key, ttl + MARGIN) end
end
-- Never falls, not even where Redis has lost its last second: the epoch is the server's time, in microseconds.
local function raise(key)
  local time = redis.call('TIME')
  local now = time[1] * 1000000 + time[2]
  local epoch = string.format('%.0f', math.max(now, tonumber(redis.call('GET', key) or '0') + 1))
  redis.call('SET', key, epoch)
  return epoch
end
local function seconds() return tonumber(redis.call('TIME')[1]) end
local function sessions(user)
  local found, fields = {}, redis.call('HGETALL', user)
  for at = 1, #fields, 2 do
    local id = string.match(fields[at], '^s:(.+)$')
    if id then
      local hash, created, expires = string.match(fields[at + 1], '^(%S+) %S+ (%d+) %d+ (%d+)$')
      found[#found + 1] = { id = id, hash = hash, created = tonumber(created), expires = tonumber(expires) }
    end
  end
  return found
end
-- Answers are remembered for minutes; what points to older ones points to nothing.
local function point(user, attempt)
  local now, fields = seconds(), redis.call('HGETALL', user)
  for at = 1, #fields, 2 do
    if string.sub(fields[at], 1, 2) == 'a:' and tonumber(fields[at + 1]) < now - 3600 then
      redis.call('HDEL', user, fields[at])
    end
  end
  redis.call('HSET', user, 'a:' .. attempt, now)
end
-- For an answer without a login: none is kept of whom nothing else is, since that one was forgotten meanwhile.
local function pointOf(user, attempt)
  if redis.call('HEXISTS', user, 'ring') == 0 then return 0 end
  point(user, attempt)
  lengthen(user, HOUR)
  return 1
end
local function putRing(user, sealed, replaces, ttl)
  if (redis.call('HGET', user, 'ring') or '') ~= replaces then return false end
  redis.call('HSET', user, 'ring', sealed)
  lengthen(user, ttl)
  return true
end
-- The session as its user has it, in use again; whether the user has it.
local function touchEntry(user, id, seen, expires)
  local entry = redis.call('HGET', user, 's:' .. id)
  if not entry then return 0 end
  redis.call('HSET', user, 's:' .. id, string.match(entry, '^%S+ %S+ %d+ ') .. seen .. ' ' .. expires)
  lengthen(user, expires - seen)
  return 1
end
local function finish(attempt, key, answer, user)
  if redis.call('HGET', attempt, 'key') == key then redis.call('HSET', attempt, 'answer', answer, 'user', user) end
end
-- What points to an attempt may be older than who made it last.
local function forget(attempt, user)
  if redis.call('HGET', attempt, 'user') == user then redis.call('DEL', attempt) end
end
local function abandon(attempt, key)
  local known = redis.call('HMGET', attempt, 'key', 'answer')
  if known[1] == key and not known[2] then redis.call('DEL', attempt) end
end
`
