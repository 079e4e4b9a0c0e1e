import { createHash } from "node:crypto";
import { FORGOTTEN, MINUTE } from "./throttle.ts";

/** A script in Lua, as Redis is asked to run it. */
export interface LuaScript {
  readonly text: string;
  readonly digest: string;
}

/** So long Redis remembers what it is, and that somebody has logged in from somewhere: the first is renewed with every try. Milliseconds. */
const MEMORY_LASTS = 4 * FORGOTTEN;
const FAMILIAR_FOR = 30 * 24 * 60 * MINUTE;

/**
 * What both scripts know: the same counting as in memory, by the clock of Redis. KEYS[1] holds the name of what Redis remembers, which it loses
 * with it: a gateway that asks by another name (ARGV[2]) has to tell first what it knows. ARGV[1] is the time in milliseconds, empty for the
 * server's own.
 */
const COUNTING = `
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return { -1 } end
local now = tonumber(ARGV[1])
if now == nil then
  local time = redis.call('TIME')
  now = math.floor(time[1] * 1000 + time[2] / 1000)
end

local function triesAt(key)
  local kept = redis.call('HMGET', key, 'count', 'last')
  local count, last = tonumber(kept[1]), tonumber(kept[2])
  if count == nil or now - last >= ${FORGOTTEN} then return 0, now - ${FORGOTTEN} end
  return count, last
end

local function keep(key, count, last)
  local left = ${FORGOTTEN} - (now - last)
  if left <= 0 then return end
  redis.call('HSET', key, 'count', count, 'last', last)
  redis.call('PEXPIRE', key, left)
end
`;

/**
 * Counts a try at all its places or at none. KEYS: the memory, what makes the pair familiar, then a place of each kind, the account last, which is
 * not looked at for whom is familiar. ARGV: time, memory, rules as JSON ([free, longest] each). Gives -1 where the memory is another; else the
 * milliseconds to wait, 0 when it was counted, and at how many places.
 */
const TRY = `${COUNTING}
redis.call('PEXPIRE', KEYS[1], ${MEMORY_LASTS})
local rules, wait = cjson.decode(ARGV[3]), 0
if redis.call('EXISTS', KEYS[2]) == 1 then rules[#rules] = nil end
for i, rule in ipairs(rules) do
  local count, last = triesAt(KEYS[i + 2])
  if count >= rule[1] then wait = math.max(wait, last + math.min(${MINUTE} * 2 ^ (count - rule[1]), rule[2]) - now) end
end
if wait > 0 then return { math.ceil(wait), #rules } end
for i in ipairs(rules) do keep(KEYS[i + 2], triesAt(KEYS[i + 2]) + 1, now) end
return { 0, #rules }
`;

/** Puts right what is counted. KEYS: the memory, then one for each change. ARGV: time, memory, changes as JSON: ["tried", count, milliseconds ago], ["back"], ["clear"], ["familiar"]. */
const CHANGE = `${COUNTING}
for i, change in ipairs(cjson.decode(ARGV[3])) do
  local what, key = change[1], KEYS[i + 1]
  if what == 'tried' then
    local count, last = triesAt(key)
    keep(key, count + change[2], math.max(last, math.floor(now - change[3])))
  elseif what == 'back' then
    local count, last = triesAt(key)
    if count > 0 then keep(key, count - 1, last) end
  elseif what == 'clear' then
    redis.call('DEL', key)
  elseif what == 'familiar' then
    redis.call('SET', key, 1, 'PX', ${FAMILIAR_FOR})
  end
end
return { 1 }
`;

/** Gives the name of what Redis remembers; where it remembers nothing, that is ARGV[1] from now on. KEYS: the memory. */
const BEGIN = `
redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ${MEMORY_LASTS})
return redis.call('GET', KEYS[1])
`;

export const TRY_SCRIPT = script(TRY);
export const CHANGE_SCRIPT = script(CHANGE);
export const BEGIN_SCRIPT = script(BEGIN);

function script(text: string): LuaScript {
  return { text, digest: createHash("sha1").update(text).digest("hex") };
}
