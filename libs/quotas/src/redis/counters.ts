/**
 * What both scripts know of counters. All of it is integers below 2^53, which Lua keeps exactly.
 *
 * A window is `<when it began> <what was drawn>`. It never goes back to an earlier one: where the
 * clock jumped back, the later window goes on until it is over by that clock.
 *
 * A bucket is `<units> <billionths of a unit> <when that was so>`, in milliseconds. Whole units and
 * billionths are kept apart, and one millionth a second is one billionth a millisecond: nothing is
 * ever rounded, however often a slow bucket is looked at, and a burst may be as large as 2^53. The
 * time of a bucket never goes back either, so that no second fills it twice.
 */
export const COUNTERS = `
local HOUR, DAY = 3600000, 86400000
local LENGTHS = { minute = 60000, hour = HOUR, day = DAY }
local KEPT_MS_MAX = 36500 * DAY
local floor, max, min = math.floor, math.max, math.min

local function text(number) return string.format('%.0f', number) end

local function moment(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return time[1] * 1000 + floor(time[2] / 1000)
end

-- The first day of a day's month, both counted from 1970-01-01: the proleptic Gregorian calendar,
-- whose years begin in March here, in eras of 400 years.
local function month_start(days)
  local day_of_era = (days + 719468) % 146097
  local year = floor((day_of_era - floor(day_of_era / 1460) + floor(day_of_era / 36524)
    - floor(day_of_era / 146096)) / 365)
  local day_of_year = day_of_era - (365 * year + floor(year / 4) - floor(year / 100))
  local month = floor((5 * day_of_year + 2) / 153)
  return days - (day_of_year - floor((153 * month + 2) / 5))
end

-- When the window around a moment begins and ends.
local function window(name, at)
  if name ~= 'month' then
    local began = at - at % LENGTHS[name]
    return began, began + LENGTHS[name]
  end
  local first = month_start(floor(at / DAY))
  return first * DAY, month_start(first + 31) * DAY
end

local function parts(stored, pattern)
  local one, two, three = string.match(stored, pattern)
  if not one then error('a counter has another form') end
  return tonumber(one), tonumber(two), tonumber(three)
end

local function read_window(counter, now)
  local began, drawn = 0, 0
  if counter.stored then began, drawn = parts(counter.stored, '^(%d+) (%d+)$') end
  counter.began, counter.ends = window(counter.name, max(now, began))
  counter.is_current = counter.began == began
  counter.drawn = counter.is_current and drawn or 0
  counter.left, counter.billionths = max(0, counter.quota - counter.drawn), 0
  counter.wait = counter.ends - now
end

local function read_bucket(counter, now)
  counter.at, counter.left, counter.billionths, counter.wait = now, counter.quota, 0, 0
  if not counter.stored then return end
  local left, billionths, at = parts(counter.stored, '^(%d+) (%d+) (%d+)$')
  local elapsed = max(0, now - at)
  local seconds, ms = floor(elapsed / 1000), elapsed % 1000
  local units, millionths = floor(counter.rate / 1000000), counter.rate % 1000000
  billionths = billionths + seconds * millionths % 1000000 * 1000
    + ms * units % 1000 * 1000000 + ms * millionths
  left = left + seconds * units + floor(seconds * millionths / 1000000)
    + floor(ms * units / 1000) + floor(billionths / 1000000000)
  if left < counter.quota then
    counter.left, counter.billionths = left, billionths % 1000000000
  end
  counter.at = max(now, at)
  counter.wait = counter.at - now
end

-- What is to be answered in place of a decision, where the receipt has been used.
local function receipt(digest, key)
  if digest == '' then return nil end
  local kept = redis.call('HMGET', key, 'digest', 'limits', 'numbers')
  if not kept[1] then return nil end
  if kept[1] ~= digest then return 'mismatch', '', '' end
  return 'repeated', kept[2], kept[3]
end

local function keep_receipt(key, numbers)
  redis.call('HSET', key, 'digest', ARGV[3], 'limits', ARGV[4], 'numbers', numbers)
  redis.call('EXPIRE', key, ARGV[5])
end

-- The limits follow the first arguments of a script, five each; their keys are in the same order.
local function read(index, first, now)
  local at = first + (index - 1) * 5
  local counter = {
    key = KEYS[index], stored = redis.call('GET', KEYS[index]), name = ARGV[at],
    quota = tonumber(ARGV[at + 1]), rate = tonumber(ARGV[at + 2]),
    amount = tonumber(ARGV[at + 3]), is_shadow = ARGV[at + 4] == '1'
  }
  if counter.name == 'rate' then read_bucket(counter, now) else read_window(counter, now) end
  return counter
end

-- A window is kept for two more, and for a day, in case the clock jumps ahead and back meanwhile. A
-- bucket is kept until it is full, and for an hour.
local function write(counter, now)
  local value, kept_ms
  if counter.name == 'rate' then
    value = text(counter.left) .. ' ' .. text(counter.billionths) .. ' ' .. text(counter.at)
    local filled_ms = (counter.quota - counter.left) * 1000000 / counter.rate * 1000
    kept_ms = min(KEPT_MS_MAX, counter.wait + math.ceil(filled_ms) + HOUR)
  else
    value = text(counter.began) .. ' ' .. text(counter.drawn)
    kept_ms = counter.wait + max(2 * (counter.ends - counter.began), DAY)
  end
  redis.call('SET', counter.key, value, 'PX', text(kept_ms))
end
`;
