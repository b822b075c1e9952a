-- What a place holds of some purses from now on: what it has already, cut to what it wishes, and more where something is
-- free. Holds are absolute, so that it does not matter which answers were lost before.
-- ARGV: place, run, generation, lease in ms, how long a dead place's holds are kept in ms, grace in ms, smallest slice,
-- then for each purse: purse, version and micros of its balance, credit, kept, wish.
-- Gives false where the place must begin anew before; else for each purse {hold, micros, others, holders, complete}:
-- the balance, what all other places hold, how many places that live hold something (with this one), and 1 where all of
-- them have had the time to say what they hold.

local place = ARGV[1]
local leaseMs, keptMs, graceMs = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local sliceMin = tonumber(ARGV[7])
if redis.call('HGET', RUNS, place) ~= ARGV[2] .. ' ' .. ARGV[3] then return false end
local since = redis.call('GET', SINCE)
-- All was deleted under way.
if not since then return false end
redis.call('ZADD', PLACES, digits(nowMs + leaseMs), place)
local complete = nowMs >= tonumber(since) + graceMs and 1 or 0

local leases = {}
local function leaseOf(other)
  if not leases[other] then leases[other] = tonumber(redis.call('ZSCORE', PLACES, other) or '0') end
  return leases[other]
end

local function ask(purse, version, micros, credit, kept, wish)
  local key = purseOf(purse)
  local knownVersion, knownMicros
  local others, holders = 0, 1
  local all = redis.call('HGETALL', key)
  for at = 1, #all, 2 do
    local field, value = all[at], tonumber(all[at + 1])
    local other = string.match(field, '^h:(.*)$')
    if field == 'version' then
      knownVersion = value
    elseif field == 'micros' then
      knownMicros = value
    elseif other and other ~= place then
      if leaseOf(other) + keptMs < nowMs then
        redis.call('HDEL', key, field)
        redis.call('SREM', pursesOf(other), purse)
      else
        others = others + value
        if leaseOf(other) > nowMs then holders = holders + 1 end
      end
    end
  end

  if knownVersion and knownVersion >= version then
    micros = knownMicros
  else
    redis.call('HSET', key, 'version', digits(version), 'micros', digits(micros))
  end

  local hold = math.min(kept, wish)
  local free = micros + credit - others - hold
  if complete == 1 and wish > hold and free > 0 then
    local share = free
    -- Whoever asks first must not get the last of it.
    if holders > 1 then share = math.min(free, math.max(math.ceil(free / 2), sliceMin)) end
    hold = hold + math.min(wish - hold, share)
  end
  if hold > 0 then
    redis.call('HSET', key, 'h:' .. place, digits(hold))
    redis.call('SADD', pursesOf(place), purse)
  else
    redis.call('HDEL', key, 'h:' .. place)
    redis.call('SREM', pursesOf(place), purse)
  end
  redis.call('PEXPIRE', key, digits(keptMs + leaseMs))
  return { hold, micros, others, holders, complete }
end

local words = {}
for at = 8, #ARGV, 6 do
  words[#words + 1] = ask(ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]),
    tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5]))
end
return words
