-- Begins every script that touches places of sessions. Times are those of Redis, in ms; nodes' clocks do not matter.
--
--   rovercast:{slots}:nodes         sorted set   node -> when its lease ends: a node that is not here holds nothing
--   rovercast:{slots}:generations   hash         node -> number of its latest report of all that it holds
--   rovercast:{slots}:token         number       the latest fencing token
--   rovercast:{slots}:scope:<key>   sorted set   "<node> <session>" -> token, so the oldest session is the first
--   rovercast:{slots}:held:<node>   hash         session -> its scopes, JSON [key, max, onFull, key, max, onFull, …]
--
-- One hash tag for all: a claim takes places of account and app at once, and frees those of any node that is dead, so a
-- Redis Cluster keeps all this in one of its slots. Only `nodes` is declared as a key; the others have its tag.

local NODES = KEYS[1]
local BASE = string.sub(NODES, 1, -6)
local GENERATIONS, TOKEN = BASE .. 'generations', BASE .. 'token'

local time = redis.call('TIME')
local nowUs = tonumber(time[1]) * 1000000 + tonumber(time[2])
local nowMs = math.floor(nowUs / 1000)

local function scopeOf(key) return BASE .. 'scope:' .. key end
local function heldBy(node) return BASE .. 'held:' .. node end

-- Lua would write great numbers in a short form.
local function digits(number) return string.format('%.0f', number) end

-- A member of a scope as node and session.
local function split(member)
  local space = string.find(member, ' ', 1, true)
  return string.sub(member, 1, space - 1), string.sub(member, space + 1)
end

-- Tokens are also times: after a restart that lost everything they still grow.
local lastToken
local function nextToken()
  if not lastToken then lastToken = tonumber(redis.call('GET', TOKEN) or '0') end
  lastToken = math.max(lastToken + 1, nowUs)
  return lastToken
end
local function sawToken(token)
  if not lastToken then lastToken = tonumber(redis.call('GET', TOKEN) or '0') end
  if token > lastToken then lastToken = token end
end
local function keepToken()
  if lastToken then redis.call('SET', TOKEN, digits(lastToken)) end
end

local function isAlive(node, generation)
  if redis.call('HGET', GENERATIONS, node) ~= generation then return false end
  local lease = redis.call('ZSCORE', NODES, node)
  return lease and tonumber(lease) > nowMs
end

-- Begins or prolongs a node's lease. A living node that finds its own lease run out knows that Redis or its clock was
-- away, so it says nothing about the others: they get time to say that they live, too. A lease that ends later than one
-- that begins now was made before the clock was set back: no dead node keeps its places for that.
local function enliven(node, leaseMs, graceMs)
  for _, other in ipairs(redis.call('ZRANGEBYSCORE', NODES, '(' .. digits(nowMs + leaseMs), '+inf')) do
    redis.call('ZADD', NODES, digits(nowMs + leaseMs), other)
  end
  local lease = redis.call('ZSCORE', NODES, node)
  if lease and tonumber(lease) <= nowMs then
    for _, other in ipairs(redis.call('ZRANGEBYSCORE', NODES, '-inf', digits(nowMs))) do
      redis.call('ZADD', NODES, digits(nowMs + graceMs), other)
    end
  end
  redis.call('ZADD', NODES, digits(nowMs + leaseMs), node)
end

local function leaveScopes(node, session, record)
  local scopes = cjson.decode(record)
  for at = 1, #scopes, 3 do redis.call('ZREM', scopeOf(scopes[at]), node .. ' ' .. session) end
end

local function drop(node, session)
  local record = redis.call('HGET', heldBy(node), session)
  if not record then return end
  leaveScopes(node, session, record)
  redis.call('HDEL', heldBy(node), session)
end

local function forget(node)
  local records = redis.call('HGETALL', heldBy(node))
  for at = 1, #records, 2 do leaveScopes(node, records[at], records[at + 1]) end
  redis.call('DEL', heldBy(node))
  redis.call('ZREM', NODES, node)
  redis.call('HDEL', GENERATIONS, node)
end

-- Frees what dead nodes held, once a script at most: whoever finds a scope full looks first whether it really is.
local isSwept = false
local function sweep()
  if isSwept then return end
  isSwept = true
  for _, node in ipairs(redis.call('ZRANGEBYSCORE', NODES, '-inf', digits(nowMs))) do forget(node) end
end

local function countIn(key) return redis.call('ZCARD', scopeOf(key)) end

-- How many there are, and where that is `limit` or more, how many of the living.
local function countLiving(key, limit)
  local count = countIn(key)
  if count < limit or isSwept then return count end
  sweep()
  return countIn(key)
end

local function put(node, session, token, record, scopes)
  for at = 1, #scopes, 3 do
    redis.call('ZADD', scopeOf(scopes[at]), digits(token), node .. ' ' .. session)
  end
  redis.call('HSET', heldBy(node), session, record)
end

-- Tells another node that its session has lost its places to session `by`, and the cause (LossCause).
local function tell(channels, node, session, by, cause)
  redis.call('PUBLISH', channels .. node, session .. ' ' .. by .. ' ' .. cause)
end
