-- A node's sign of life, which also frees what dead nodes held. ARGV: node, generation, lease in ms, grace in ms.
-- Gives 0 where Redis does not know the node, so that it must report what it holds.

local node, generation = ARGV[1], ARGV[2]
if redis.call('HGET', GENERATIONS, node) ~= generation then return 0 end
enliven(node, tonumber(ARGV[3]), tonumber(ARGV[4]))
sweep()
return 1
