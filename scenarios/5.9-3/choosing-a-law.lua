-- SPDX-License-Identifier: GPL-3.0-or-later
-- A fleet is online when its cloud loses everybody in the same instant, and is back at once: a
-- broker that was restarted. Which law brings the devices back soonest, with the fewest attempts?
--
-- What is over the cloud's capacity is refused at once, so that a device waits as long as its law
-- says and not for a time-out. Made for comparing laws:
--
--   blackstart sweep scenarios/5.9-3/choosing-a-law.lua --vary
--   law=fixed,exponential,spread-5,spread-20,full-jitter,full-jitter-in-60s,full-jitter-in-120s
--   --meet 'attempts per device<=2'
--   blackstart sweep scenarios/5.9-3/choosing-a-law.lua --vary law=orderly,full-jitter --vary
--   capacity=50..800 --set devices=2k --seeds 5

scenario {
    title = "Which law brings a fleet back that lost its cloud at once?",
    provision = "5.9-3",
    units = { "5.9-3-2 a" },
}

local laws = {
    "full-jitter", "fixed", "exponential", "spread-5", "spread-20", "equal-jitter",
    "decorrelated-jitter", "full-jitter-in-60s", "full-jitter-in-120s", "orderly",
}
-- clients and mistakes: blackstart list laws
for _, name in ipairs(law.presets()) do laws[#laws + 1] = name end

params {
    {
        name = "devices", kind = "count", default = 10000, minimum = 1, maximum = 1000000,
        help = "devices that lose their cloud",
    },
    {
        name = "capacity", kind = "count", default = 100, minimum = 1, maximum = 1000000,
        help = "connections per second that the cloud admits; what is over is refused at once",
    },
    {
        name = "law", kind = "choice", default = "full-jitter", choices = laws,
        help = "how a device that lost its cloud tries again",
    },
    {
        name = "window", kind = "duration", default = "0.5s", maximum = "1d",
        help = "the first attempts are spread over this; orderly, full-jitter-in-... and " ..
            "presets have their own",
    },
    {
        name = "base", kind = "duration", default = "1s", minimum = "1ms", maximum = "1h",
        help = "first pause of laws that grow",
    },
    {
        name = "cap", kind = "duration", default = "60s", minimum = "1ms", maximum = "1d",
        help = "longest pause of laws that grow",
    },
    {
        name = "observe", kind = "duration", default = "1h", minimum = "1s", maximum = "1d",
        help = "how long the fleet is watched, unless it is back before",
    },
}

local lines

local function law_of(p)
    local grows = { base = p.base, cap = p.cap, window = p.window }
    local function spread(by) return law.spread {
        base = p.base, cap = p.cap, window = p.window, low = 1 - by, high = 1 + by,
    } end
    local own = {
        ["fixed"] = law.fixed { base = "10s", window = p.window },
        ["exponential"] = law.exponential(grows),
        ["spread-5"] = spread(0.05),
        ["spread-20"] = spread(0.2),
        ["full-jitter"] = law.full_jitter(grows),
        ["equal-jitter"] = law.equal_jitter(grows),
        ["decorrelated-jitter"] = law.decorrelated_jitter(grows),
        ["full-jitter-in-60s"] = law.full_jitter { base = p.base, cap = p.cap, window = "60s" },
        ["full-jitter-in-120s"] = law.full_jitter { base = p.base, cap = p.cap, window = "120s" },
        ["orderly"] = law.orderly { devices = p.devices, capacity = p.capacity },
    }
    return own[p.law] or law.preset(p.law)
end

function setup(p)
    cloud { connections = p.devices, over = "refuse" } -- until everybody is online
    lines = fleet.devices {
        model = "thermostat", count = p.devices, law = law_of(p),
        boot = { 0, 0 }, report_every = "1d", uplink = { latency = "2ms" },
    }
end

function drill(p)
    wait_online(1.0, { within = "2h" })
    wait "10s"
    cloud { connections = p.capacity, connection_queue = p.capacity }
    lines:cut_power()
    wait "1s"
    lines:restore_power { trigger = "cloud restart" }
    wait_online(1.0, { within = p.observe })
end

function verdict(p)
    judge.reconnect {
        unit = "5.9-3-2 a", trigger = "cloud restart", capacity = p.capacity, peak_to_mean = 3,
        attempts_per_success = 5,
    }
end
