-- SPDX-License-Identifier: GPL-3.0-or-later
-- A new firmware is rolled out over an hour. Some devices are led to a server that offers an update
-- signed by the wrong key, and must refuse it: the standard's second example. They ask again every
-- hour, and have the right one once that server is gone. A failed update may happen to any device;
-- a fleet shows that it is more.
-- EN 303 645, 5.10-1: telemetry is examined for security anomalies. Would anyone have noticed? What
-- was done to whom, and when, stands in truth.csv.

scenario {
    title = "Updates whose signature is wrong reach a part of the fleet", provision = "5.10-1",
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
        name = "injected", kind = "count", default = 100, minimum = 1, maximum = 1000000,
        help = "how many devices get the wrong update",
    },
    {
        name = "strength", kind = "number", default = 1, minimum = 0, maximum = 1000,
        help = "0: nothing; else the signature is wrong",
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
        looks_for = { "update-signature" },
    }
    examiner { on = p.examiner, strictness = p.strictness }
    all = fleet.devices {
        model = "thermostat",
        power = "mains",
        metrics = true,
        count = p.devices,
        law = law.full_jitter { base = "1s", cap = "60s" },
        report_every = p.report_every,
        updates = true,
        update_check = "1h",
        start_over = p.report_every,
    }
end

function drill(p)
    local day = duration "1d"
    wait(day * p.days * 0.6)
    all:devices():offer_update { version = 2, over = "1h" }
    all:devices():inject {
        kind = "update-signature", lasting = day * p.days * 0.25, strength = p.strength,
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
