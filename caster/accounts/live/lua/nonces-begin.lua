-- Before nonces are used: another run of the server than the last one that was seen here may have forgotten some (an
-- empty restart, an older snapshot, a replica that was behind), so its memory begins now.
-- KEYS: `rovercast:{nonces}:since`, `rovercast:{nonces}:run`.

local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or 'unknown'
if redis.call('GET', KEYS[2]) == run and redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local time = redis.call('TIME')
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('SET', KEYS[1], string.format('%.0f', nowMs))
redis.call('SET', KEYS[2], run)
return 1
