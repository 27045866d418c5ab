-- SPDX-License-Identifier: GPL-3.0-or-later
-- A week of a fleet of thermostats in three regions, on mains and on batteries. People use them by
-- the hour of the day and mistype; the street next to the substation loses power one evening and
-- comes back in a wave: that is no attack. On the fourth day a firmware is rolled out, and the
-- south takes it from a server in the wrong hands for half a day. Ten kinds of misbehaviour come at
-- different times over different devices, one of them slowly.
-- EN 303 645, 5.10-1: telemetry is examined for security anomalies. Would anyone have noticed? What
-- was done to whom, and when, stands in truth.csv.

scenario {
    title = "A week with ten kinds of misbehaviour", provision = "5.10-1",
    units = { "5.10-1-1 a", "5.10-1-1 b", "5.10-1 detection" },
}

params {
    {
        name = "devices", kind = "count", default = 10000, minimum = 240, maximum = 1000000,
        help = "about how many devices: three regions of homes with four each",
    },
    {
        name = "days", kind = "number", default = 7, minimum = 0.1, maximum = 60,
        help = "virtual days; the first two of seven are calm, so that an examiner can learn",
    },
    {
        name = "injected", kind = "fraction", default = 0.002, minimum = 0.0001, maximum = 0.05,
        help = "share of the devices that each campaign strikes",
    },
    {
        name = "strength", kind = "number", default = 1, minimum = 0, maximum = 1000,
        help = "of every campaign",
    },
    {
        name = "report_every", kind = "duration", default = "10m", minimum = "10s", maximum = "1d",
        help = "telemetry period of a device",
    },
    {
        name = "outage", kind = "duration", default = "40m", minimum = "1s", maximum = "1d",
        help = "how long the street is without power",
    },
    { name = "examiner", kind = "boolean", default = true, help = "the cloud examines telemetry" },
    {
        name = "strictness", kind = "number", default = 1, minimum = 0.01, maximum = 1000000,
        help = "evidence that the examiner wants, times this",
    },
    {
        name = "protocol", kind = "choice", default = "coap",
        choices = { "coap", "coap-tcp", "mqtt" }, help = "what the thermostats speak",
    },
}

local north, south, west

local function declare_product()
    declare.telemetry {
        id = "TelData-Report",
        description = "Temperatures, and what the device knows of its traffic, logins, updates " ..
            "and battery",
        security_examination = "The cloud compares each device with its own past, and with " ..
            "those of its model, firmware and region",
        looks_for = {
            "credential-stuffing", "update-signature", "clone", "exfiltration", "botnet-scan",
            "stuck-sensor", "out-of-range", "slow-drift", "silent-device", "battery-drain",
        },
    }
end

local function region(p, name)
    -- a street's worth comes back together
    local orderly = law.orderly { devices = 1000, capacity = 50 }

    local function thermostats(power)
        return {
            model = "thermostat", per_home = 2, law = orderly, report_every = p.report_every,
            metrics = true, power = power, protocol = p.protocol,
            updates = true, update_check = "6h",
        }
    end

    return fleet.streets {
        name = name, homes = p.devices // 12, start_over = p.report_every,
        devices = { thermostats "mains", thermostats "battery" },
    }
end

function setup(p)
    declare_product()
    examiner { on = p.examiner, strictness = p.strictness }
    cloud { connections = 50 }
    north, south, west = region(p, "north"), region(p, "south"), region(p, "west")
end

function drill(p)
    local day = duration "1d" * (p.days / 7) -- a run of fewer days tells the same story faster
    local few = math.max(1, math.floor(p.devices * p.injected))
    local all = fleet.all():devices()

    local function strike(at, who, kind, lasting, more)
        local order = { kind = kind, lasting = day * lasting, strength = p.strength, devices = few }
        for name, value in pairs(more or {}) do order[name] = value end
        wait_until(day * at)
        who:inject(order)
    end

    -- the standard's first example: failed logins rise at once
    strike(2.10, north:devices(), "credential-stuffing", 0.25, { devices = few * 10 })
    strike(2.60, all, "stuck-sensor", 1)
    wait_until(day * 3)
    all:offer_update { version = 2, over = day * 0.5 }
    -- the second: a third of the south refuses it
    strike(3.00, south:devices(), "update-signature", 0.5, { devices = few * 50 })
    strike(3.40, all, "clone", 0.3)

    wait_until(day * 3.75)
    west:street(1):cut_power()
    wait(p.outage)
    west:street(1):restore_power()

    strike(4.10, all, "exfiltration", 0.25)
    strike(4.50, all, "botnet-scan", 0.25)
    strike(4.85, all, "out-of-range", 0.5)
    strike(5.00, all, "slow-drift", 1.5)
    strike(5.25, all, "silent-device", 0.5)
    strike(5.50, all:powered_by("battery"), "battery-drain", 1)
    strike(
        6.00, south:devices(), "credential-stuffing", 0.75,
        { devices = few * 10, strength = p.strength * 0.1, ramp = day * 0.5 }
    )
    wait_until(day * 7)
end

function verdict(p)
    judge.answered { at_least = "95%" }
    judge.examination { unit = "5.10-1-1 a" }
    judge.examination { unit = "5.10-1-1 b" }
    -- what happened last is reported a period later; so few devices cannot show the whole policy
    judge.examined { grace = p.report_every + "10m", sized = true }
end
