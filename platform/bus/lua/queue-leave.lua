-- ARGV: consumer, ms. Forgets this consumer and others that have nothing and did not ask for so long: each start of a
-- process makes one.

ensureGroup()
for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', STREAM, GROUP)) do
  local about = {}
  for at = 1, #consumer, 2 do about[consumer[at]] = consumer[at + 1] end
  if about.pending == 0 and (about.name == ARGV[1] or about.idle > tonumber(ARGV[2])) then
    redis.call('XGROUP', 'DELCONSUMER', STREAM, GROUP, about.name)
  end
end
return 1
