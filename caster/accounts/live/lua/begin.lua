-- A node begins to report what it holds: what it still sends of older reports counts no more from here on.
-- ARGV: node, generation, lease in ms, grace in ms. Gives the sessions that it holds as far as Redis knows.

local node, generation = ARGV[1], ARGV[2]
redis.call('HSET', GENERATIONS, node, generation)
enliven(node, tonumber(ARGV[3]), tonumber(ARGV[4]))
return redis.call('HKEYS', heldBy(node))
