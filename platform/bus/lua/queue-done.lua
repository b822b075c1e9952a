-- ARGV: place, id. What was taken over meanwhile is done all the same. Nothing stays of it: the stream holds what is
-- not done, and no more.

redis.call('XACK', STREAM, GROUP, ARGV[1])
if redis.call('XDEL', STREAM, ARGV[1]) == 1 then redis.call('HDEL', IDS, ARGV[2]) end
return 1
