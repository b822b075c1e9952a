-- Uses nonces up. KEYS: `rovercast:{nonces}:since`, then `rovercast:{nonces}:n:<key>` for each nonce (its tag, gone when
-- the nonce expires). ARGV: signature window in ms, then for each nonce: tag, when it expires, in ms since 1970.
-- Gives for each 0 fresh, 1 repeat, 2 used, 3 stale.
-- Whether a nonce has expired is a matter of the clock of Redis alone: what one node forgot by its own clock might be
-- in time by that of another, and would be fresh there.
-- One hash tag, since a script may touch the keys of one only; their load is small beside that of the slots.

local time = redis.call('TIME')
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local since = redis.call('GET', KEYS[1])
if not since then
  -- All was deleted under way, so what was used up before is not known.
  since = string.format('%.0f', nowMs)
  redis.call('SET', KEYS[1], since)
end
-- Signatures know whole seconds: one of the second in which the memory began counts as made after that.
local completeFromMs = math.floor(tonumber(since) / 1000) * 1000 + tonumber(ARGV[1])

local verdicts = {}
for at = 2, #KEYS do
  local tag, expiresAtMs = ARGV[2 * at - 2], tonumber(ARGV[2 * at - 1])
  local leftMs = string.format('%.0f', expiresAtMs - nowMs)
  if expiresAtMs <= nowMs then
    verdicts[at - 1] = 3
  elseif redis.call('SET', KEYS[at], tag, 'NX', 'PX', leftMs) then
    verdicts[at - 1] = expiresAtMs < completeFromMs and 3 or 0
  else
    verdicts[at - 1] = redis.call('GET', KEYS[at]) == tag and 1 or 2
  end
end
return verdicts
