// The store's part in Lua: the steps of `traffic/lease/lease-book.ts`, atomic, in the store's own time. A test runs both on the same
// histories. A limit is one hash with the fields `b<step>` (used), `h<gateway>` (held), `s<gateway>` (spent) and `o<origin>` (spent before).

/**
 * Keys: living gateways, epoch, sequence of the caller. Arguments: gateway, epoch known, new epoch, ttl, sequence, settling time.
 * Answers epoch, gateways, milliseconds of settling, 1 when the caller's leases had not ended.
 */
export const BEAT_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local gateway, known, fresh = ARGV[1], ARGV[2], ARGV[3]
local ttl = tonumber(ARGV[4])
redis.call('SET', KEYS[3], ARGV[5], 'PX', 3600000)
local epoch = redis.call('HGET', KEYS[2], 'epoch')
if not epoch then
  epoch = fresh
  redis.call('HSET', KEYS[2], 'epoch', epoch)
end
if known ~= '' and known ~= epoch then
  redis.call('HSETNX', KEYS[2], 'settled', string.format('%.0f', now + tonumber(ARGV[6])))
end
local settled = tonumber(redis.call('HGET', KEYS[2], 'settled') or '0')
local score = tonumber(redis.call('ZSCORE', KEYS[1], gateway) or '0')
local alive = 0
if score + ttl > now then alive = 1 end
redis.call('ZADD', KEYS[1], string.format('%.0f', now), gateway)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - 3600000))
local gateways = redis.call('ZCOUNT', KEYS[1], string.format('(%.0f', now - ttl), '+inf')
return {epoch, gateways, math.max(0, settled - now), alive}
`;

/**
 * Keys: living gateways, epoch, sequence of the caller, then a hash for each limit. Arguments: gateway, epoch, ttl, sequence, then for each
 * limit: kind, limit, held, wanted, forget after, and of a rate: step, given back, count of uses, their ages and amounts; of a budget:
 * spent, spent before, origin, known spent. Answers 1 (rejoin), or 0 and granted, held by others, retry for each limit.
 */
export const REPORT_SCRIPT = `
local STEPS, FOLD = 60, 600000
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local me, ttl = ARGV[1], tonumber(ARGV[3])
if redis.call('HGET', KEYS[2], 'epoch') ~= ARGV[2] then return {1} end
if tonumber(redis.call('GET', KEYS[3]) or '0') >= tonumber(ARGV[4]) then return {1} end
local ends = {}
local beats = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for index = 1, #beats, 2 do ends[beats[index]] = tonumber(beats[index + 1]) + ttl end
if not ends[me] or ends[me] <= now then return {1} end
redis.call('SET', KEYS[3], ARGV[4], 'PX', 3600000)
local function whole(number) return string.format('%.0f', number) end
local function endOf(gateway)
  if gateway == me then return nil end
  local ended = ends[gateway]
  if not ended then return now end
  if ended <= now then return ended end
  return nil
end
local at = 5
local function nextText() at = at + 1; return ARGV[at - 1] end
local function nextNumber() return tonumber(nextText()) end
local settled = tonumber(redis.call('HGET', KEYS[2], 'settled') or '0')
local answer = {0}
for key = 4, #KEYS do
  local kind, limit, held, wanted, forget = nextText(), nextNumber(), nextNumber(), nextNumber(), nextNumber()
  local steps, holders, spent, before, changed = {}, {}, {}, {}, {}
  local fields = redis.call('HGETALL', KEYS[key])
  for index = 1, #fields, 2 do
    local mark, name, amount = string.sub(fields[index], 1, 1), string.sub(fields[index], 2), tonumber(fields[index + 1])
    if mark == 'b' then steps[tonumber(name)] = amount
    elseif mark == 'h' then holders[name] = amount
    elseif mark == 's' then spent[name] = amount
    else before[name] = amount end
  end
  local stepMs, newest = 1, 0
  local function addStep(step, amount)
    steps[step] = (steps[step] or 0) + amount
    changed['b' .. whole(step)] = steps[step]
  end
  local givenBack, uses, knownSpent = 0, {}, 0
  if kind == 'rate' then
    stepMs = nextNumber()
    givenBack = nextNumber()
    newest = math.floor(now / stepMs)
    for index = 1, nextNumber() do uses[index] = {nextNumber(), nextNumber()} end
  end
  for holder, amount in pairs(holders) do
    local ended = endOf(holder)
    if ended then
      holders[holder] = nil
      changed['h' .. holder] = 0
      if kind == 'rate' then addStep(math.floor(ended / stepMs), amount)
      elseif kind == 'budget' then
        spent[holder] = (spent[holder] or 0) + amount
        changed['s' .. holder] = spent[holder]
      end
    end
  end
  if kind == 'rate' then
    for _, use in ipairs(uses) do addStep(math.floor((now - use[1]) / stepMs), use[2]) end
    local order = {}
    for step in pairs(steps) do
      if step < newest - STEPS then
        steps[step] = nil
        changed['b' .. whole(step)] = 0
      else order[#order + 1] = step end
    end
    table.sort(order)
    for _, step in ipairs(order) do
      if givenBack <= 0 then break end
      local part = math.min(givenBack, steps[step])
      givenBack = givenBack - part
      addStep(step, -part)
    end
  elseif kind == 'budget' then
    for holder, amount in pairs(spent) do
      local ended = endOf(holder)
      if ended and now - ended >= FOLD then
        spent[holder] = nil
        changed['s' .. holder] = 0
        before['folded'] = (before['folded'] or 0) + amount
        changed['ofolded'] = before['folded']
      end
    end
    spent[me] = nextNumber()
    changed['s' .. me] = spent[me]
    local spentBefore, origin = nextNumber(), nextText()
    knownSpent = nextNumber()
    if not before[origin] then
      before[origin] = spentBefore
      redis.call('HSET', KEYS[key], 'o' .. origin, whole(spentBefore))
    end
  end
  holders[me] = held
  local total, heldByAll, used = 0, 0, 0
  for _, amount in pairs(spent) do total = total + amount end
  for _, amount in pairs(before) do total = total + amount end
  for _, amount in pairs(steps) do used = used + amount end
  for _, amount in pairs(holders) do heldByAll = heldByAll + amount end
  local room = limit - math.max(knownSpent, total) - used - heldByAll
  local granted = math.max(0, math.min(wanted, math.floor(room)))
  if settled > now then granted = 0 end
  changed['h' .. me] = held + granted
  local retry = 0
  if kind == 'rate' and granted < wanted and room < 1 then
    for step = newest - STEPS, newest do
      room = room + (steps[step] or 0)
      if room >= 1 then
        retry = math.max(1, math.ceil((step + STEPS + 1) * stepMs - now))
        break
      end
    end
  end
  for field, amount in pairs(changed) do
    if amount == 0 and string.sub(field, 1, 1) ~= 'o' then redis.call('HDEL', KEYS[key], field)
    else redis.call('HSET', KEYS[key], field, whole(amount)) end
  end
  redis.call('PEXPIRE', KEYS[key], whole(forget))
  answer[#answer + 1] = granted
  answer[#answer + 1] = heldByAll - held
  answer[#answer + 1] = retry
end
return answer
`;
