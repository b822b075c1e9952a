-- Claims, one after the other, each of them whole or not at all.
-- ARGV: node, generation, start of the nodes' channels, then for each claim: session, record of its scopes.
-- Gives false where the node must report what it holds before; else for each claim {1, token, replaced, over} or {0, key}.

local node, generation, channels = ARGV[1], ARGV[2], ARGV[3]
if not isAlive(node, generation) then return false end

local function take(session, record)
  local scopes = cjson.decode(record)
  local going, isGoing = {}, {}

  local function staying(key, count)
    for _, member in ipairs(going) do
      if redis.call('ZSCORE', scopeOf(key), member) then count = count - 1 end
    end
    return count
  end

  for at = 1, #scopes, 3 do
    local key, max, onFull = scopes[at], scopes[at + 1], scopes[at + 2]
    if onFull == 'replace' and max >= 1 then
      local surplus = staying(key, countLiving(key, max)) + 1 - max
      if surplus > 0 then
        -- Those that are going anyway may be among the oldest.
        local oldest = redis.call('ZRANGE', scopeOf(key), 0, surplus + #going - 1)
        for _, member in ipairs(oldest) do
          if surplus > 0 and not isGoing[member] then
            going[#going + 1] = member
            isGoing[member] = true
            surplus = surplus - 1
          end
        end
      end
    end
  end

  for at = 1, #scopes, 3 do
    local key, max, onFull = scopes[at], scopes[at + 1], scopes[at + 2]
    if onFull ~= 'count' and staying(key, countLiving(key, max)) >= max then return { 0, key } end
  end

  local replaced = {}
  for at, member in ipairs(going) do
    local other, gone = split(member)
    drop(other, gone)
    if other ~= node then tell(channels, other, gone, session, 'login') end
    replaced[at] = gone
  end

  local token = nextToken()
  put(node, session, token, record, scopes)

  local over = {}
  for at = 1, #scopes, 3 do
    local key, max = scopes[at], scopes[at + 1]
    if scopes[at + 2] == 'count' and countLiving(key, max + 1) > max then over[#over + 1] = key end
  end
  return { 1, token, replaced, over }
end

local answers = {}
for at = 4, #ARGV, 2 do answers[#answers + 1] = take(ARGV[at], ARGV[at + 1]) end
keepToken()
return answers
