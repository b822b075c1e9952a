-- ARGV: channel on which consumers listen, then id and body of each entry.

ensureGroup()
for at = 2, #ARGV, 2 do
  if redis.call('HSETNX', IDS, ARGV[at], '1') == 1 then
    redis.call('XADD', STREAM, '*', 'id', ARGV[at], 'body', ARGV[at + 1], 'tries', '0')
  end
end
redis.call('PUBLISH', ARGV[1], '')
return 1
