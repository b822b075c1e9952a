-- A process begins to ask for a place: what was sent by an older run of the place, or over an older connection of this
-- one, counts no more from here on.
-- ARGV: place, run, generation, lease in ms. Gives false where this is itself of an older connection; else what the
-- place holds, {purse, micros, purse, micros, …}.

local place, run, generation, leaseMs = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local lastRun, lastGeneration = string.match(redis.call('HGET', RUNS, place) or '', '^(%S+) (%d+)$')
if lastRun == run and tonumber(lastGeneration) >= generation then return false end
redis.call('HSET', RUNS, place, run .. ' ' .. digits(generation))
redis.call('ZADD', PLACES, digits(nowMs + leaseMs), place)

-- Another run of the server may have forgotten some of what was held (an empty restart, an older snapshot, a replica
-- that was behind).
local server = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or 'unknown'
if redis.call('GET', SERVER) ~= server or redis.call('EXISTS', SINCE) == 0 then
  redis.call('SET', SERVER, server)
  redis.call('SET', SINCE, digits(nowMs))
end

local held = {}
for _, purse in ipairs(redis.call('SMEMBERS', pursesOf(place))) do
  local micros = redis.call('HGET', purseOf(purse), 'h:' .. place)
  if micros then
    held[#held + 1] = purse
    held[#held + 1] = tonumber(micros)
  end
end
return held
