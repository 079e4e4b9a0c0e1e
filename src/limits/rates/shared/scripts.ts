import { createHash } from "node:crypto";

/** A script in Lua, as Redis is asked to run it. */
export interface LuaScript {
  readonly text: string;
  readonly digest: string;
}

/**
 * What both scripts know: the same counting as in memory, in microseconds by the clock of Redis, so that those of the gateways do not matter.
 * KEYS are one for each of those who are limited, holding what is counted for them, and one for the slots of each, which end when nothing
 * counts in them any more; the last of them is the mark of who asks. ARGV[1] is the time, empty for the server's own.
 */
const COUNTING = `
local SPANS = { minute = 60000000, hour = 3600000000, tokens = 60000000 }
local now = tonumber(ARGV[1])
if now == nil then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local states = {}

local function stateOf(at)
  if states[at] == nil then
    local kept = redis.call('GET', KEYS[at])
    states[at] = kept and cmsgpack.unpack(kept) or {}
  end
  return states[at]
end

-- Clumps in threes: when it began, when it last grew, how much it is. Those that do not count any more are gone.
local function windowOf(at, kind)
  local state, live, sum = stateOf(at), {}, 0
  local kept = state[kind] or {}
  for i = 1, #kept, 3 do
    if kept[i + 1] + SPANS[kind] > now then
      live[#live + 1] = kept[i]
      live[#live + 1] = kept[i + 1]
      live[#live + 1] = kept[i + 2]
      sum = sum + kept[i + 2]
    end
  end
  state[kind] = live
  return live, sum
end

local function chargeWindow(at, kind, amount)
  local clumps = windowOf(at, kind)
  local last = #clumps
  if last > 0 and now - clumps[last - 2] < SPANS[kind] / 60 then
    clumps[last - 1] = math.max(clumps[last - 1], now)
    clumps[last] = clumps[last] + amount
    return clumps[last - 2]
  end
  clumps[last + 1], clumps[last + 2], clumps[last + 3] = now, now, amount
  return now
end

local function earnedOf(at)
  local pace = stateOf(at).second
  return pace and pace[1] or 0
end

local function save()
  for at, state in pairs(states) do
    local ends = 0
    for kind, kept in pairs(state) do
      if kind == 'second' then ends = math.max(ends, kept[1])
      else
        for c = 2, #kept, 3 do ends = math.max(ends, kept[c] + SPANS[kind]) end
      end
    end
    if ends > now then redis.call('SET', KEYS[at], cmsgpack.pack(state), 'PX', math.ceil((ends - now) / 1000))
    else redis.call('DEL', KEYS[at]) end
  end
end
`;

/**
 * Looks at all rules, and takes of all or of none. ARGV: time, rules as JSON ([key, kind, limit, burst] each), tokens, the slot's name, its
 * lease in milliseconds, `look` to take nothing. Gives -1 when the mark is gone, and with it what this gateway has counted so far; else 1 or 0
 * for taken or not, then of each rule, as it stood before: used, microseconds until
 * it is whole, microseconds to wait (-1: for ever), and where it was charged.
 */
const TAKE = `${COUNTING}
if redis.call('EXISTS', KEYS[#KEYS]) == 0 then return { -1 } end
local rules, tokens, slot, lease = cjson.decode(ARGV[2]), tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local answer, fits = { 0 }, true
for i, rule in ipairs(rules) do
  local at, kind, limit, burst = rule[1], rule[2], rule[3], rule[4]
  local used, resets, wait = 0, 0, 0
  if kind == 'second' then
    local interval = math.ceil(1000000 / math.max(limit, 0.000001))
    local earned = math.max(earnedOf(at), now)
    used = math.ceil((earned - now) / interval)
    resets = earned - now
    wait = math.max(0, earned + interval - burst * interval - now)
    if limit <= 0 or burst < 1 then wait = -1 end
  elseif kind == 'parallel' then
    redis.call('ZREMRANGEBYSCORE', KEYS[at], '-inf', now)
    used = redis.call('ZCARD', KEYS[at])
    if used > 0 then resets = 1000000 end
    if limit < 1 then wait = -1 elseif used + 1 > limit then wait = 1000000 end
  else
    local amount = kind == 'tokens' and tokens or 1
    local clumps, sum = windowOf(at, kind)
    used = sum
    for c = 1, #clumps, 3 do
      if clumps[c + 2] > 0 then resets = math.max(resets, clumps[c + 1] + SPANS[kind] - now) end
    end
    local over = sum + amount - limit
    if amount > limit then wait = -1
    else
      for c = 1, #clumps, 3 do
        if over <= 0 then break end
        over = over - clumps[c + 2]
        wait = math.max(wait, clumps[c + 1] + SPANS[kind] - now)
      end
    end
  end
  if wait ~= 0 then fits = false end
  local place = (i - 1) * 4 + 2
  answer[place], answer[place + 1], answer[place + 2], answer[place + 3] = used, resets, wait, 0
end
if ARGV[6] == 'look' or not fits then return answer end
answer[1] = 1
for i, rule in ipairs(rules) do
  local at, kind, limit = rule[1], rule[2], rule[3]
  local place = (i - 1) * 4 + 5
  if kind == 'second' then
    local before = earnedOf(at)
    local earned = math.max(before, now) + math.ceil(1000000 / limit)
    stateOf(at).second = { earned, before }
    answer[place] = earned
  elseif kind == 'parallel' then
    redis.call('ZADD', KEYS[at], now + lease * 1000, slot)
    redis.call('PEXPIRE', KEYS[at], lease)
  else
    answer[place] = chargeWindow(at, kind, kind == 'tokens' and tokens or 1)
  end
end
save()
return answer
`;

/**
 * Puts right what was taken. ARGV: time, changes as JSON: ["back", key, kind, where it was charged, amount], ["add", key, kind, microseconds ago,
 * amount], ["earn", key, microseconds], ["hold", key, slot, lease in milliseconds], ["free", key, slot], ["mark", key, milliseconds], and ["keep", key, milliseconds] for a mark
 * that is there.
 */
const CHANGE = `${COUNTING}
for _, change in ipairs(cjson.decode(ARGV[2])) do
  local what, at, kind = change[1], change[2], change[3]
  if what == 'back' and kind == 'second' then
    local pace = stateOf(at).second
    if pace and pace[1] == change[4] then stateOf(at).second = { pace[2], pace[2] } end
  elseif what == 'back' then
    local clumps = windowOf(at, kind)
    for c = 1, #clumps, 3 do
      if clumps[c] == change[4] then
        clumps[c + 2] = math.max(0, clumps[c + 2] - change[5])
        break
      end
    end
  elseif what == 'add' and change[4] == 0 then
    chargeWindow(at, kind, change[5])
  elseif what == 'add' then
    local clumps = windowOf(at, kind)
    local time = now - change[4]
    table.insert(clumps, 1, change[5])
    table.insert(clumps, 1, time)
    table.insert(clumps, 1, time)
  elseif what == 'earn' then
    local earned = math.max(earnedOf(at), now) + change[3]
    stateOf(at).second = { earned, earned }
  elseif what == 'hold' then
    redis.call('ZADD', KEYS[at], now + change[4] * 1000, change[3])
    redis.call('PEXPIRE', KEYS[at], change[4])
  elseif what == 'mark' then
    redis.call('SET', KEYS[at], 1, 'PX', change[3])
  elseif what == 'keep' then
    redis.call('PEXPIRE', KEYS[at], change[3])
  elseif what == 'free' then
    redis.call('ZREM', KEYS[at], change[3])
  end
end
save()
return 1
`;

export const TAKE_SCRIPT = script(TAKE);
export const CHANGE_SCRIPT = script(CHANGE);

function script(text: string): LuaScript {
  return { text, digest: createHash("sha1").update(text).digest("hex") };
}
