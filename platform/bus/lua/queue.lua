-- One topic of the queue. Every script begins with this.
--
--   stream   entries that wait or are worked on, read by the group `workers`: id, body, tries before this time
--   ids      hash: the id of everything that is in the queue, so that one is in it once
--   later    sorted set: entries that failed, as JSON {id, body, tries}, by when they are due (ms, clock of Redis)

local STREAM, IDS, LATER = KEYS[1], KEYS[2], KEYS[3]
local GROUP = 'workers'

local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function ensureGroup()
  if redis.call('EXISTS', STREAM) == 0 then
    redis.call('XGROUP', 'CREATE', STREAM, GROUP, '0', 'MKSTREAM')
  end
end

-- Who has it and how often it was handed out; nil where nobody has it.
local function pendingOf(place)
  local found = redis.call('XPENDING', STREAM, GROUP, place, place, 1)[1]
  if not found then return nil end
  return { consumer = found[2], deliveries = found[4] }
end
