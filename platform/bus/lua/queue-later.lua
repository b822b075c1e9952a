-- ARGV: consumer, place, id, body, tries, in ms. Where somebody else has taken it over, it is his.

local pending = pendingOf(ARGV[2])
if not pending or pending.consumer ~= ARGV[1] then return 0 end
redis.call('XACK', STREAM, GROUP, ARGV[2])
redis.call('XDEL', STREAM, ARGV[2])
redis.call('ZADD', LATER, nowMs() + tonumber(ARGV[6]), cjson.encode({ id = ARGV[3], body = ARGV[4], tries = tonumber(ARGV[5]) }))
return 1
