-- Begins every script that touches slices of balances. Times are those of Redis, in ms; nodes' clocks do not matter.
--
--   rovercast:{purses}:places        sorted set   place -> when its lease ends; a place is a data folder with its node
--   rovercast:{purses}:runs          hash         place -> "<run> <generation>": which of its processes may ask
--   rovercast:{purses}:since         number       since when this memory is complete
--   rovercast:{purses}:server        text         the run of the server that has noted `since`
--   rovercast:{purses}:of:<place>    set          purses in which the place holds something
--   rovercast:{purses}:p:<purse>     hash         version, micros: the balance of the store, as of the latest version told
--                                                 h:<place>: what the place holds of it
--
-- One hash tag for all: a Redis Cluster keeps all this in one of its slots. Only `places` is declared as a key; the
-- others have its tag.

local PLACES = KEYS[1]
local BASE = string.sub(PLACES, 1, -7)
local RUNS, SINCE, SERVER = BASE .. 'runs', BASE .. 'since', BASE .. 'server'

local time = redis.call('TIME')
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function purseOf(text) return BASE .. 'p:' .. text end
local function pursesOf(place) return BASE .. 'of:' .. place end

-- Lua would write great numbers in a short form.
local function digits(number) return string.format('%.0f', number) end
