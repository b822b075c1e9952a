-- Counts logins. KEYS: `rovercast:{logins}:<key>` for each, gone a minute after the first login that it counts.
-- ARGV: how many a minute may have, for each. Gives seconds to wait, for each.

local waits = {}
for at = 1, #KEYS do
  local count = redis.call('INCR', KEYS[at])
  if count == 1 then redis.call('PEXPIRE', KEYS[at], 60000) end
  waits[at] = 0
  if count > tonumber(ARGV[at]) then
    waits[at] = math.max(1, math.ceil(redis.call('PTTL', KEYS[at]) / 1000))
  end
end
return waits
