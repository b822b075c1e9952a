-- ARGV: consumer, then the places that it has.

for at = 2, #ARGV do
  local pending = pendingOf(ARGV[at])
  if pending and pending.consumer == ARGV[1] then
    redis.call('XCLAIM', STREAM, GROUP, ARGV[1], 0, ARGV[at], 'JUSTID')
  end
end
return 1
