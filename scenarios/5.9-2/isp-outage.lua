-- SPDX-License-Identifier: GPL-3.0-or-later
-- An internet provider fails for two hours, in the evening, with all power on. The homes have every
-- kind of thing in them, from a light bulb to an alarm panel: straight at the router, behind a
-- gateway, and on the mobile network. People come home all the same: they press switches, type
-- codes at the lock, and expect the heating to heat and the smoke alarm to listen.
--
-- EN 303 645, 5.9-1 and 5.9-2: does each of them go on doing what it is there for, without the
-- internet? Is what they sensed meanwhile delivered afterwards, once and in order? Do they come
-- back by themselves? Each `device` is a thing that gets one of these wrong. Whether they come back
-- in an orderly way is another question: 5.9-3/wan-black-hole.lua asks it.

scenario {
    title = "An internet provider fails for two hours, with power on",
    provision = "5.9-2",
    units = { "5.9-1-2 a", "5.9-2-2 a" },
}

params {
    {
        name = "homes", kind = "count", default = 350, minimum = 4, maximum = 100000,
        help = "homes with the lines of this provider; a tenth as many have another's",
    },
    {
        name = "outage", kind = "duration", default = "2h", minimum = "10m", maximum = "7d",
        help = "how long the lines are dead",
    },
    {
        name = "device", kind = "choice", default = "as-declared",
        choices = {
            "as-declared", "cloud-dependent", "asks-leave", "drops-samples", "stale-session",
        },
        help = "what one kind of device does wrong: bulbs that depend on the cloud or ask it " ..
            "for leave, thermostats that drop what they sensed, light sensors that cling to a " ..
            "session that is gone",
    },
    {
        name = "law", kind = "choice", default = "orderly", choices = law.names(),
        help = "how a device that lost its cloud tries again: blackstart list laws",
    },
    {
        name = "security", kind = "choice", default = "usual", choices = { "usual", "none" },
        help = "none: modelled security, for very large fleets",
    },
    {
        name = "capacity", kind = "count", minimum = 1, maximum = 1000000,
        help = "connections per second that the cloud admits",
        default = function(p) return math.max(40, p.homes * 17 // 50) end,
    },
}

local homes

-- Which model has what a bad twin spoils.
local spoilt = {
    ["cloud-dependent"] = "bulb", ["asks-leave"] = "bulb", ["drops-samples"] = "thermostat",
    ["stale-session"] = "light-sensor",
}

function setup(p)
    local again = law.named(p.law, { devices = p.homes * 17, capacity = p.capacity })
    local function kind(model, more)
        more = more or {}
        more.model, more.law, more.household = model, again, true
        more.report_every, more.probe_every = more.report_every or "10m", "20m"
        more.security = p.security == "none" and "none" or nil
        more.device = spoilt[p.device] == model and p.device or "as-declared"
        return more
    end
    declare.resilience {
        id = "Local", description = "Functions in the house need no cloud",
        type = "network connectivity",
        guarantees = "the local function, and later what was sensed",
    }
    cloud { connections = p.capacity }
    local function street(name, isp, count)
        return fleet.streets {
            name = name, isp = isp, homes = count, per_street = 40, start_over = "5m",
            devices = {
                kind("gateway"), kind("smart-lock", { hub = "gateway" }),
                kind("light-sensor", { hub = "gateway" }),
                kind("smoke-detector", { hub = "gateway" }),
                kind("thermostat"), kind("bulb"), kind("smart-plug"), kind("fridge"),
                kind("washing-machine"), kind("doorbell"), kind("alarm-panel", { over = "either" }),
                kind("tv"), kind("speaker"), kind("wearable"),
                kind("window-contact", { hub = "gateway" }),
                kind("flood-sensor", { hub = "gateway" }),
                kind("weather-sensor", { over = "mobile" }),
            },
        }
    end
    homes = street("homes", "north net", p.homes)
    street("others", "south net", p.homes // 10 + 1)
end

function drill(p)
    wait "1h"
    wait_online(1.0, { within = "2h" })
    substation:isp("north net"):cut_network()
    wait(p.outage)
    substation:isp("north net"):restore_network { trigger = "provider is back" }
    wait_online(1.0, { within = "2h" })
    wait "1h"
end

function verdict()
    judge.outage { unit = "5.9-1-2 a" }
    judge.local_function { unit = "5.9-2-2 a" }
end
