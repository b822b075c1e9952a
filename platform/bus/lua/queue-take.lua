-- ARGV: consumer, count, lease in ms. Gives {entries as {place, id, body, tries}, ms until the next one that is known}.

local consumer, count, leaseMs = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
ensureGroup()
local now = nowMs()

for _, member in ipairs(redis.call('ZRANGE', LATER, '-inf', now, 'BYSCORE', 'LIMIT', 0, count)) do
  redis.call('ZREM', LATER, member)
  local entry = cjson.decode(member)
  redis.call('XADD', STREAM, '*', 'id', entry.id, 'body', entry.body, 'tries', entry.tries)
end

local taken = {}
local function take(entry)
  local place, fields = entry[1], {}
  for at = 1, #entry[2], 2 do fields[entry[2][at]] = entry[2][at + 1] end
  local pending = pendingOf(place)
  taken[#taken + 1] = { place, fields.id, fields.body, tonumber(fields.tries) + (pending and pending.deliveries or 1) }
end

-- Of consumers that are gone.
local claimed = redis.call('XAUTOCLAIM', STREAM, GROUP, consumer, leaseMs, '0-0', 'COUNT', count)[2]
for _, entry in ipairs(claimed) do
  if entry and entry[2] then take(entry) end
end
if #taken < count then
  local read = redis.call('XREADGROUP', 'GROUP', GROUP, consumer, 'COUNT', count - #taken, 'STREAMS', STREAM, '>')
  if read then
    for _, entry in ipairs(read[1][2]) do take(entry) end
  end
end

local first = redis.call('ZRANGE', LATER, 0, 0, 'WITHSCORES')
return { taken, first[2] and math.max(0, math.floor(first[2] - now)) or -1 }
