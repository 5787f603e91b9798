import { createHash } from 'node:crypto';

import { COUNTERS } from './counters.js';

/** A script that Redis knows by the digest of its text, once it has run it. */
export interface Script {
  readonly text: string;
  readonly digest: string;
}

/**
 * Decides on one demand, over all of its limits at once, and spends it: everything is read before
 * anything is written.
 *
 * Keys: those of the limits, then that of the receipt where the demand counts once. Arguments: the
 * time (empty: that of Redis), `1` to spend, the digest of what was asked and the limits as a text
 * (both empty without a receipt), for how many seconds the receipt is kept, then the limits.
 *
 * Replies with a state, the limits of the receipt, and numbers: whether it is allowed, and of each
 * limit its units, billionths, milliseconds to wait, and whether it lacks what is asked. Only an
 * allowed demand leaves a receipt: after a refusal the key is free again.
 */
export const DECIDE = scriptOf(`
local now = moment(ARGV[1])
local digest = ARGV[3]
local count = (#ARGV - 5) / 5
local state, limits, kept = receipt(digest, KEYS[count + 1])
if state then return { state, limits, kept } end

local counters, is_refused = {}, false
for index = 1, count do
  local counter = read(index, 6, now)
  counter.lacks = counter.amount > counter.left
  is_refused = is_refused or (counter.lacks and not counter.is_shadow)
  counters[index] = counter
end

local numbers = { is_refused and '0' or '1' }
for _, counter in ipairs(counters) do
  if ARGV[2] == '1' and not is_refused and not counter.lacks then
    counter.left = counter.left - counter.amount
    if counter.name ~= 'rate' then counter.drawn = counter.drawn + counter.amount end
    write(counter, now)
  end
  numbers[#numbers + 1] = text(counter.left)
  numbers[#numbers + 1] = text(counter.billionths)
  numbers[#numbers + 1] = text(counter.wait)
  numbers[#numbers + 1] = counter.lacks and '1' or '0'
end

local decided = table.concat(numbers, ' ')
if digest ~= '' and not is_refused then keep_receipt(KEYS[count + 1], decided) end
return { 'decided', '', decided }`);

/**
 * Gives back what was spent, once where there is a receipt: to a window only while it is the one that it was spent in, and never
 * more than was drawn from it; to a bucket as far as there is room.
 *
 * Keys and arguments are those of a demand, but for the second one: when it was spent (empty: now).
 * Replies with a state, the limits of the receipt, and what each limit got back; -1 where it has
 * nothing to give to.
 */
export const REFUND = scriptOf(`
local now = moment(ARGV[1])
local digest = ARGV[3]
local count = (#ARGV - 5) / 5
local state, limits, kept = receipt(digest, KEYS[count + 1])
if state then return { state, limits, kept } end

local numbers = {}
for index = 1, count do
  local counter = read(index, 6, now)
  local refunded = -1
  if counter.stored and counter.name == 'rate' then
    local room = counter.quota - counter.left
    refunded = min(counter.amount, counter.billionths > 0 and room - 1 or room)
    if counter.amount >= room then counter.billionths = 0 end
    counter.left = counter.left + min(counter.amount, room)
  elseif counter.is_current
    and (ARGV[2] == '' or window(counter.name, tonumber(ARGV[2])) == counter.began) then
    refunded = min(counter.amount, counter.drawn)
    counter.drawn = counter.drawn - refunded
  end
  if refunded >= 0 then write(counter, now) end
  numbers[index] = text(refunded)
end

local given_back = table.concat(numbers, ' ')
if digest ~= '' then keep_receipt(KEYS[count + 1], given_back) end
return { 'decided', '', given_back }`);

function scriptOf(body: string): Script {
  const text = COUNTERS + body;
  return { text, digest: createHash('sha1').update(text).digest('hex') };
}
