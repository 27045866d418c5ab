-- SPDX-License-Identifier: GPL-3.0-or-later
-- lua/prelude.lua - the words of the scenario language that are made of other words. It travels
-- inside the program and runs once, before the scenario. Trusted: it sees Lua's own `next`, which
-- goes through a table in an order that changes from run to run, and hides it.

local language = ...
local primitive = language.primitive
language.primitive = nil

local next, fail, fields = primitive.next, primitive.fail, primitive.fields
local type, tostring, error = language.type, language.tostring, language.error
local law, math, seconds = language.law, language.math, language.seconds

-- table.sort(t [, less]): stable, so that equals keep their order. (Lua's own quicksort picks its
-- pivot of large tables by the time of day, and equals end up anywhere.)
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
            merge(
                from, into, first, math.min(first + width, n + 1),
                math.min(first + 2 * width, n + 1), less
            )
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
        if not ranks[type(key)] then fail(
            "pairs: a " .. type(key) ..
                " as a key has no order that repeats; use numbers or texts as keys"
        ) end
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

-- law.orderly{ devices = N, capacity = C }: the first attempt at a random time in a window that is
-- sized to what the cloud admits, then full jitter.
--
-- N first attempts spread evenly over a window W are a Poisson wave of mean rate r = N / W. Each
-- attempt begins a second in which more than C fall if C others follow it, which has the
-- probability P(C; r) = e^-r r^C / C!; seconds that overlap are counted once by the factor 1 - r /
-- (C + 1). So N P(C; r) (1 - r / (C + 1)) overfull seconds are to be expected, and r is the rate at
-- which that is one in a thousand waves: W = N / r, at least 10 s. (Near C = 20 to 2,000 that is
-- about where r + 5 sqrt(r) = C.) Chance alone cannot keep within a very small capacity in
-- reasonable time: r is never below C / 20. tests/unit/test_orderly.c checks all this by Monte
-- Carlo.
local overfull_waves = 0.001

local function log_factorial(n) -- Stirling's series
    if n < 1 then return 0 end
    return n * math.log(n) - n + math.log(2 * math.pi * n) / 2 + 1 / (12 * n)
end

local function orderly_rate(devices, capacity)
    local whole = math.max(1, math.floor(capacity))
    local low, high = capacity / 20, capacity
    for _ = 1, 60 do
        local r = (low + high) / 2
        local log_chance = whole * math.log(r) - r - log_factorial(whole)
        local expected = devices * math.exp(log_chance) * (1 - r / (whole + 1))
        if expected <= overfull_waves then low = r else high = r end
    end
    return low
end

local orderly = {
    { name = "devices", kind = "count", minimum = 1 },
    { name = "capacity", kind = "number", minimum = 0.001, maximum = 1e9 },
    { name = "base", kind = "duration", default = "1s" },
    { name = "cap", kind = "duration", default = "60s" },
    { name = "reset_after", kind = "duration", default = "0s" },
}

function law.orderly(given)
    local f = fields("law.orderly", given, orderly)
    local window = f.devices / orderly_rate(f.devices, f.capacity)
    if window > 3e9 then fail(
        "law.orderly: this capacity is so small that the window would be longer than 95 years"
    ) end
    return law.full_jitter {
        base = f.base,
        cap = f.cap,
        reset_after = f.reset_after,
        window = seconds(math.max(10, math.ceil(window))),
    }
end

-- law.named(NAME, { devices = N, capacity = C }): the law that a scenario's --set law=NAME means:
-- one of the kinds with its usual numbers, or a preset. law.names(): all such names, for the
-- choices of a parameter. Only "orderly" looks at the table, which is what law.orderly takes.
local kinds = { { "orderly", law.orderly } }
for _, word in ipairs(law.kinds()) do kinds[#kinds + 1] = { word, law[word:gsub("-", "_")] } end

function law.names()
    local names = {}
    for at = 1, #kinds do names[at] = kinds[at][1] end
    local presets = law.presets()
    for at = 1, #presets do names[#names + 1] = presets[at] end
    return names
end

function law.named(name, given)
    for at = 1, #kinds do
        if kinds[at][1] == name then
            if name == "orderly" then return law.orderly(given) end
            return kinds[at][2]()
        end
    end
    return law.preset(name, "named")
end

-- fleet.town{ homes = N, kinds = { { share = "60%", devices = { ... } }, ... } }: homes of several
-- kinds. Of which kind each of them is, the seed draws: a town of another seed has a few more of
-- the one and a few less of the other. What else is said of a kind is what fleet.streets takes.
local streets, all_of_fleet = language.fleet.streets, language.fleet.all
local say, format = language.say, language.string.format

local town = {
    { name = "homes", kind = "count", minimum = 1 },
    { name = "name", kind = "text", default = "town" },
}
local of_kind = { { name = "share", kind = "fraction" } }

local function part(what, given, own)
    if type(given) ~= "table" then
        fail(what .. ": " .. tostring(given) .. " is not a table of named values in braces")
    end
    local mine, rest = {}, {}
    for key, value in language.pairs(given) do
        local into = rest
        for at = 1, #own do
            if own[at].name == key then into = mine end
        end
        into[key] = value
    end
    return fields(what, mine, own), rest
end

-- ---- how many of a kind there are in a home: a number, or a distribution ----

-- per_home = { 0, 3 }: evenly from 0 to 3. { mean = 2 }: Poisson. { shares = { "20%", "80%" } }: of
-- the homes a fifth has none, the others one, and so on.
local most_in_home, most_streets = 100, 40

local function whole(what, value)
    if type(value) ~= "number" or value % 1 ~= 0 or value < 0 or value > most_in_home then
        fail(what .. ": " .. tostring(value) .. " is not a whole number from 0 to " .. most_in_home)
    end
    return value // 1
end

local function evenly(what, given)
    local low, high = whole(what, given[1]), whole(what, given[2])
    if low > high then fail(what .. ": the fewest, " .. low .. ", are more than " .. high) end
    return {
        words = "from " .. low .. " to " .. high .. ", evenly", mean = (low + high) / 2,
        draw = function() return math.random(low, high) end,
    }
end

local of_poisson = { { name = "mean", kind = "number", minimum = 0, maximum = 20 } }

local function poisson(what, given)
    local mean = fields(what, given, of_poisson).mean
    return {
        words = "Poisson with mean " .. mean, mean = mean,
        draw = function()
            local n, left, limit = 0, math.random(), math.exp(-mean)
            while left > limit and n < most_in_home do
                n, left = n + 1, left * math.random()
            end
            return n
        end,
    }
end

local function by_shares(what, given)
    local shares, sum, mean, words = {}, 0, 0, {}
    for at = 1, #given.shares do
        local one = fields(what, { share = given.shares[at] }, of_kind)
        shares[at], sum, mean = one.share, sum + one.share, mean + one.share * (at - 1)
        words[at] = (at - 1) .. " in " .. format("%g", 100 * one.share) .. " %"
    end
    if math.abs(sum - 1) > 1e-6 then fail(what .. ": the shares make " .. sum .. ", not 1") end
    return {
        words = language.table.concat(words, ", "), mean = mean,
        draw = function()
            local at, left = 1, math.random()
            while at < #shares and left >= shares[at] do
                left, at = left - shares[at], at + 1
            end
            return at - 1
        end,
    }
end

local function distribution(what, given)
    if type(given) ~= "table" then return nil end
    if given[1] ~= nil and given[2] ~= nil and #given == 2 then return evenly(what, given) end
    if given.mean ~= nil then return poisson(what, given) end
    if type(given.shares) == "table" and #given.shares > 0 then return by_shares(what, given) end
    fail(what .. ": a number, { 0, 3 } (evenly), { mean = 2 } (Poisson) or " ..
        "{ shares = { \"20%\", \"80%\" } } (of none, of one, ...)")
end

local function shares_of(kinds)
    local parts, sum = {}, 0
    for at = 1, #kinds do
        local said, rest = part("fleet.town: a kind of home", kinds[at], of_kind)
        sum = sum + said.share
        parts[at] = { share = said.share, rest = rest, homes = 0 }
    end
    if math.abs(sum - 1) > 1e-6 then
        fail("fleet.town: the shares of its kinds make " .. sum .. ", and have to make 1")
    end
    return parts
end

local function draw(parts, homes)
    for _ = 1, homes do
        local at, left = 1, math.random()
        while at < #parts and left >= parts[at].share do
            left, at = left - parts[at].share, at + 1
        end
        parts[at].homes = parts[at].homes + 1
    end
end

local function copy(from)
    local into = {}
    for key, value in language.pairs(from) do into[key] = value end
    return into
end

-- The rows of a kind of home whose devices are drawn; nil: there are none.
local function drawn_rows(devices)
    local drawn, any = {}, false
    for at = 1, type(devices) == "table" and #devices or 0 do
        local row = devices[at]
        if type(row) == "table" then
            drawn[at] = distribution("fleet.town: devices: per_home", row.per_home)
            any = any or drawn[at] ~= nil
        end
    end
    return any and drawn or nil
end

-- What a home has of each drawn row, as a text that equals that of a home which has the same.
local function draw_home(devices, drawn)
    local counts, key = {}, ""
    for at = 1, #devices do
        if drawn[at] then
            counts[at] = drawn[at].draw()
            drawn[at].sum = (drawn[at].sum or 0) + counts[at]
            key = key .. counts[at] .. " "
        end
    end
    return counts, key
end

local function devices_of(devices, counts)
    local rows = {}
    for at = 1, #devices do
        local row = copy(devices[at])
        row.per_home = counts[at] or row.per_home
        if row.per_home ~= 0 then rows[#rows + 1] = row end
    end
    return rows
end

-- Homes that have the same are one kind of street; who has nothing is none.
local function streets_drawn(one, drawn)
    local alike, order, name, built = {}, {}, one.name, 0
    for _ = 1, one.homes do
        local counts, key = draw_home(one.devices, drawn)
        if not alike[key] then
            alike[key] = { counts = counts, homes = 0 }
            order[#order + 1] = alike[key]
        end
        alike[key].homes = alike[key].homes + 1
    end
    if #order > most_streets then
        fail("fleet.town: the homes of '" .. name .. "' came out in " .. #order ..
            " ways, and a scenario has " .. most_streets ..
            " kinds of street at most: draw fewer kinds of device, or from fewer numbers")
    end
    for at = 1, #order do
        local street = copy(one)
        street.devices = devices_of(one.devices, order[at].counts)
        street.homes, street.name = order[at].homes, name .. " " .. at
        if #street.devices > 0 then
            streets(street)
            built = built + 1
        else
            say(name, ": ", street.homes, " homes have none of it, and are left out")
        end
    end
    return built
end

-- What was declared, and what the seed made of it: a line of the run's story each.
local function tell_drawn(one, drawn)
    for at = 1, #one.devices do
        local d = drawn[at]
        if d then
            say(
                one.name, ": ", one.devices[at].model, " in each home: declared ", d.words,
                " (mean ", format("%g", d.mean), "), drawn ", d.sum, " in ", one.homes,
                " homes (mean ", format("%.3f", d.sum / one.homes), ")"
            )
        end
    end
end

function language.fleet.town(given)
    local said, rest = part("fleet.town", given, town)
    local kinds = rest.kinds
    for key in language.pairs(rest) do
        if key ~= "kinds" then
            fail("fleet.town: there is no '" .. tostring(key) ..
                "'; there are: name, homes, kinds. What fleet.streets takes is said of each kind")
        end
    end
    if type(kinds) ~= "table" or #kinds == 0 then
        fail("fleet.town: kinds is a list, such as { { share = 1, devices = { ... } } }")
    end
    local parts, built = shares_of(kinds), 0
    draw(parts, said.homes)
    for at = 1, #parts do
        local one = parts[at].rest
        one.homes, one.region = parts[at].homes, said.name
        one.name = said.name .. " " .. (one.name or at)
        say(
            one.name, ": declared ", format("%g", 100 * parts[at].share), " % of the homes, drawn ",
            one.homes, " of ", said.homes
        )
        local drawn = drawn_rows(one.devices)
        if one.homes > 0 and drawn then
            built = built + streets_drawn(one, drawn)
            tell_drawn(one, drawn)
        elseif one.homes > 0 then
            streets(one)
            built = built + 1
        end
    end
    if built == 0 then fail("fleet.town: none of its homes came out with a device in it") end
    return all_of_fleet():region(said.name)
end
