-- Uses nonces up. KEYS: `rovercast:{nonces}:since`, then `rovercast:{nonces}:n:<key>` for each nonce (its tag, gone when
-- the nonce expires). ARGV: signature window in ms, then for each nonce: tag, ms until it expires, when it expires.
-- Gives for each 0 fresh, 1 repeat, 2 used, 3 stale.
-- One hash tag, since a script may touch the keys of one only; their load is small beside that of the slots.

local since = redis.call('GET', KEYS[1])
if not since then
  -- All was deleted under way, so what was used up before is not known.
  local time = redis.call('TIME')
  since = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
  redis.call('SET', KEYS[1], since)
end
-- Signatures know whole seconds: one of the second in which the memory began counts as made after that.
local completeFromMs = math.floor(tonumber(since) / 1000) * 1000 + tonumber(ARGV[1])

local verdicts = {}
for at = 2, #KEYS do
  local tag, leftMs, expiresAtMs = ARGV[3 * at - 4], ARGV[3 * at - 3], tonumber(ARGV[3 * at - 2])
  if redis.call('SET', KEYS[at], tag, 'NX', 'PX', leftMs) then
    verdicts[at - 1] = expiresAtMs < completeFromMs and 3 or 0
  else
    verdicts[at - 1] = redis.call('GET', KEYS[at]) == tag and 1 or 2
  end
end
return verdicts
