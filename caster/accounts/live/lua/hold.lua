-- What a node holds already, told again after an outage, or for the first time where it was let in during one.
-- Where a scope then has too many, those with the oldest tokens lose.
-- ARGV: node, generation, start of the nodes' channels, then for each session: session, token or 0, record.
-- Gives false where this is of an older report; else {tokens in the order of the sessions, lost, by, lost, by, …}.

local node, generation, channels = ARGV[1], ARGV[2], ARGV[3]
if redis.call('HGET', GENERATIONS, node) ~= generation then return false end

local answer = { {} }

-- What the newest session of a scope was promised holds for the scope: its maximum may have been changed meanwhile.
local function settle(key)
  local newest = redis.call('ZRANGE', scopeOf(key), -1, -1)[1]
  if not newest then return end
  local newestNode, by = split(newest)
  local scopes = cjson.decode(redis.call('HGET', heldBy(newestNode), by) or '[]')
  for at = 1, #scopes, 3 do
    if scopes[at] == key and scopes[at + 2] ~= 'count' then
      local surplus = countLiving(key, scopes[at + 1] + 1) - scopes[at + 1]
      if surplus <= 0 then return end
      for _, member in ipairs(redis.call('ZRANGE', scopeOf(key), 0, surplus - 1)) do
        local other, session = split(member)
        drop(other, session)
        if other == node then
          answer[#answer + 1] = session
          answer[#answer + 1] = by
        else
          tell(channels, other, session, by, 'outage')
        end
      end
    end
  end
end

for at = 4, #ARGV, 3 do
  local session, token, record = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2]
  local scopes = cjson.decode(record)
  if redis.call('HEXISTS', heldBy(node), session) == 0 then
    if token == 0 then token = nextToken() else sawToken(token) end
    put(node, session, token, record, scopes)
    for scope = 1, #scopes, 3 do
      if scopes[scope + 2] ~= 'count' and countIn(scopes[scope]) > scopes[scope + 1] then settle(scopes[scope]) end
    end
  elseif token == 0 then
    -- Its claim was carried out after all, only the answer was lost.
    local score = scopes[1] and redis.call('ZSCORE', scopeOf(scopes[1]), node .. ' ' .. session)
    token = score and tonumber(score) or nextToken()
  end
  answer[1][#answer[1] + 1] = token
end
keepToken()
return answer
