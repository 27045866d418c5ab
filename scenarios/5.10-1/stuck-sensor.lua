-- SPDX-License-Identifier: GPL-3.0-or-later
-- The sensor of some devices gets stuck: they go on to report, always the same.
-- EN 303 645, 5.10-1: telemetry is examined for security anomalies. Would anyone have noticed? What
-- was done to whom, and when, stands in truth.csv.

scenario {
    title = "The sensors of some devices are stuck", provision = "5.10-1",
    units = { "5.10-1-1 a", "5.10-1-1 b", "5.10-1 detection" },
}

params {
    {
        name = "devices", kind = "count", default = 1000, minimum = 20, maximum = 1000000,
        help = "how many devices",
    },
    {
        name = "days", kind = "number", default = 2, minimum = 0.1, maximum = 60,
        help = "virtual days; the first three fifths are calm, so that an examiner can learn " ..
            "for a day",
    },
    {
        name = "injected", kind = "count", default = 10, minimum = 1, maximum = 1000000,
        help = "how many devices are stuck",
    },
    {
        name = "strength", kind = "number", default = 1, minimum = 0, maximum = 1000,
        help = "1: stuck; less: the part of the reading that is",
    },
    {
        name = "report_every", kind = "duration", default = "10m", minimum = "10s", maximum = "1d",
        help = "telemetry period of a device",
    },
    { name = "examiner", kind = "boolean", default = true, help = "the cloud examines telemetry" },
    {
        name = "strictness", kind = "number", default = 1, minimum = 0.01, maximum = 1000000,
        help = "evidence that the examiner wants, times this",
    },
}

local all

function setup(p)
    declare.telemetry {
        id = "TelData-Report",
        description = "Readings, and what the device knows of its traffic, logins, updates and " ..
            "battery",
        security_examination = "The cloud compares each device with its own past and with those " ..
            "like it",
        looks_for = { "stuck-sensor" },
    }
    examiner { on = p.examiner, strictness = p.strictness }
    all = fleet.devices {
        model = "thermostat",
        power = "mains",
        metrics = true,
        count = p.devices,
        law = law.full_jitter { base = "1s", cap = "60s" },
        report_every = p.report_every,
        start_over = p.report_every,
    }
end

function drill(p)
    local day = duration "1d"
    wait(day * p.days * 0.6)
    all:devices():inject {
        kind = "stuck-sensor", lasting = day * p.days * 0.4, strength = p.strength,
        devices = p.injected,
    }
    wait(day * p.days * 0.4)
end

function verdict(p)
    judge.answered { at_least = "98%" }
    judge.examination { unit = "5.10-1-1 a" }
    judge.examination { unit = "5.10-1-1 b" }
    -- what happened last is reported a period later; so few devices cannot show the whole policy
    judge.examined { grace = p.report_every + "10m", sized = true }
end
