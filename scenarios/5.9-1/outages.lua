-- SPDX-License-Identifier: GPL-3.0-or-later
-- Ten homes, and three things that can be taken from them: the network, the power, the cloud. Each
-- of them for three minutes, for four hours, or on and off like a bad contact. People are at home
-- all the while: they press switches, type codes, turn knobs.
--
-- EN 303 645, 5.9-1 and 5.9-2. A short outage asks whether a device notices at all, a long one what
-- it keeps and for how long, a flapping one whether it ever gets to its feet. Afterwards it has to
-- be as it was: same codes, same settings, paired, with what it sensed delivered once and in order.
-- Nobody must have to come and help. Each `device` is a thing that gets one of these wrong.

scenario { title = "Network, power or cloud: short, long, on and off", provision = "5.9-1" }

params {
    {
        name = "what", kind = "choice", default = "network",
        choices = { "network", "power", "service" }, help = "what is taken from the homes",
    },
    {
        name = "how", kind = "choice", default = "long", choices = { "short", "long", "flapping" },
        help = "for 3 min, for 4 h, or ten times for 20 s to 200 s",
    },
    {
        name = "homes", kind = "count", default = 10, minimum = 4, maximum = 100000,
        help = "homes with nine devices each",
    },
    {
        name = "device", kind = "choice", default = "as-declared",
        choices = {
            "as-declared", "cloud-dependent", "asks-leave", "forgets-users", "restores-default",
            "drops-samples", "wants-pairing", "stale-session",
        },
        help = "what one kind of device does wrong",
    },
    {
        name = "law", kind = "choice", default = "orderly", choices = law.names(),
        help = "how a device that lost its cloud tries again: blackstart list laws",
    },
}

local homes

-- Which model has what a bad twin spoils.
local spoilt = {
    ["cloud-dependent"] = "bulb", ["asks-leave"] = "bulb", ["forgets-users"] = "smart-lock",
    ["restores-default"] = "thermostat", ["drops-samples"] = "thermostat",
    ["wants-pairing"] = "smart-plug", ["stale-session"] = "light-sensor",
}

function setup(p)
    local again = law.named(p.law, { devices = p.homes * 9, capacity = 50 })
    local function kind(model, more)
        more = more or {}
        more.model, more.law, more.household = model, again, true
        more.report_every, more.probe_every = "5m", "5m"
        -- what a lock or a sensor loses with its power is to be seen: here all are on the mains
        more.power = "mains"
        more.device = spoilt[p.device] == model and p.device or "as-declared"
        return more
    end
    declare.resilience {
        id = "Local", description = "Functions in the house need no cloud",
        type = "network connectivity",
        guarantees = "the local function, and later what was sensed",
    }
    declare.resilience {
        id = "Flash", description = "A journal in flash", type = "power outage",
        guarantees = "the state before the loss, or the one being written",
    }
    cloud { connections = 50 }
    homes = fleet.streets {
        name = "homes", homes = p.homes, per_street = 40, start_over = "5m",
        devices = {
            kind("gateway"), kind("smart-lock", { hub = "gateway" }),
            kind("light-sensor", { hub = "gateway" }), kind("smoke-detector", { hub = "gateway" }),
            kind("thermostat"), kind("bulb"), kind("smart-plug"), kind("fridge"),
            kind("weather-sensor", { over = "mobile" }),
        },
    }
end

local function take(what, lasting)
    if what == "service" then
        cloud_restart { down = lasting, how = "silent" }
        wait(lasting)
    elseif what == "power" then
        homes:cut_power()
        wait(lasting)
        homes:restore_power()
    else
        homes:cut_network()
        wait(lasting)
        homes:restore_network()
    end
end

function drill(p)
    wait "1h"
    wait_online(1.0, { within = "2h" })
    if p.how == "flapping" then
        for i = 1, 10 do
            take(p.what, seconds(20 * i))
            wait(seconds(200 - 15 * i))
        end
    else
        take(p.what, p.how == "short" and "3m" or "4h")
    end
    wait_online(1.0, { within = "6h" })
    wait "2h"
end

function verdict(p)
    for _, unit in ipairs { "5.9-1-1 a", "5.9-1-1 b" } do judge.resilience { unit = unit } end
    if p.what == "power" then
        judge.outage { unit = "5.9-1-2 b" }
        judge.local_function { unit = "5.9-2-2 b" }
    else
        judge.outage { unit = "5.9-1-2 a" }
        judge.local_function { unit = "5.9-2-2 a" }
    end
    expect(
        "nobody stays away",
        { value = fleet.online(), at_least = p.homes * 9, unit = "devices", samples = p.homes * 9 },
        "Every device was back at the end.", "Devices stayed away to the end."
    )
end
