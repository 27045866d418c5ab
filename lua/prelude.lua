-- SPDX-License-Identifier: GPL-3.0-or-later
-- lua/prelude.lua - the words of the scenario language that are made of other words. It travels inside the program and runs once, before the scenario. Trusted: it sees Lua's own `next`,
-- which goes through a table in an order that changes from run to run, and hides it.

local language = ...
local primitive = language.primitive
language.primitive = nil

local next, fail, fields = primitive.next, primitive.fail, primitive.fields
local type, tostring, error = language.type, language.tostring, language.error
local law, math, seconds = language.law, language.math, language.seconds

-- table.sort(t [, less]): stable, so that equals keep their order. (Lua's own quicksort picks its pivot of large tables by the time of day, and equals end up anywhere.)
local function merge(from, into, first, middle, last, less)
    local left, right = first, middle
    for at = first, last - 1 do
        if left < middle and (right >= last or not less(from[right], from[left])) then
            into[at], left = from[left], left + 1
        else
            into[at], right = from[right], right + 1
        end
    end
end

local function in_order(a, b)
    return a < b
end

local function sort(t, less)
    if type(t) ~= "table" then fail("table.sort: " .. tostring(t) .. " is not a table") end
    less = less or in_order
    local from, into, n, width = t, {}, #t, 1
    while width < n do
        for first = 1, n, 2 * width do
            merge(from, into, first, math.min(first + width, n + 1), math.min(first + 2 * width, n + 1), less)
        end
        from, into, width = into, from, 2 * width
    end
    if from ~= t then
        for at = 1, n do t[at] = from[at] end
    end
end

language.table.sort = sort

-- pairs(t): numbers first, from least to most, then texts by the alphabet, then false and true.
local ranks = { number = 1, string = 2, boolean = 3 }

local function key_before(a, b)
    local kind_a, kind_b = type(a), type(b)
    if kind_a ~= kind_b then return ranks[kind_a] < ranks[kind_b] end
    if kind_a == "boolean" then return b and not a end
    return a < b
end

local function keys_of(t)
    local keys = {}
    for key in next, t do
        if not ranks[type(key)] then fail("pairs: a " .. type(key) .. " as a key has no order that repeats; use numbers or texts as keys") end
        keys[#keys + 1] = key
    end
    sort(keys, key_before)
    return keys
end

function language.pairs(t)
    if type(t) ~= "table" then fail("pairs: " .. tostring(t) .. " is not a table") end
    local keys, at = keys_of(t), 0
    return function()
        repeat
            at = at + 1
            local key = keys[at]
            if key == nil then return nil end
            if t[key] ~= nil then return key, t[key] end -- it may have been taken out since
        until false
    end
end

-- law.orderly{ devices = N, capacity = C }: the first attempt at a random time in a window that is sized to what the cloud admits, then full jitter.
--
-- N first attempts spread evenly over a window W are a Poisson wave of mean rate r = N / W per second; its busiest second is well above r. The busiest second stays within the capacity C
-- when r + 5 sqrt(r) <= C: five standard deviations of a second's count. So sqrt(r) = (sqrt(25 + 4 C) - 5) / 2 and W = N / r, at least 10 s. A cloud of less than 6 per second is too
-- small for a rule about waves: r = C / 6. tests/unit/test_orderly.c checks it by Monte Carlo, figures are in docs/scenarios.md.
local orderly = {
    { name = "devices", kind = "count", minimum = 1 },
    { name = "capacity", kind = "number", minimum = 0.001 },
    { name = "base", kind = "duration", default = "1s" },
    { name = "cap", kind = "duration", default = "60s" },
}

function law.orderly(given)
    local f = fields("law.orderly", given, orderly)
    local root = (math.sqrt(25 + 4 * f.capacity) - 5) / 2
    local rate = f.capacity >= 6 and root * root or f.capacity / 6
    return law.full_jitter{ base = f.base, cap = f.cap, window = seconds(math.max(10, f.devices / rate)) }
end
