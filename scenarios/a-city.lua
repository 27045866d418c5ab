-- SPDX-License-Identifier: GPL-3.0-or-later
-- A city of homes with every kind of thing in them, of which at any time most are off or asleep:
-- lamps are out, sensors sleep between two reports, televisions stand in the dark. What a city
-- costs is what it does, not what it owns: --set homes=100k --set awake=1% is 1.7 million devices,
-- and a run of them takes the time of the few thousand that live.
--
-- Nothing goes wrong in this hour. It is the ground that outages are set on, and the measure of
-- the program itself (README, "Figures").

scenario { title = "A city in which most things are off or asleep", provision = "5.9-1" }

params {
    {
        name = "homes", kind = "count", default = 200, minimum = 1, maximum = 200000,
        help = "with 17 devices each",
    },
    {
        name = "awake", kind = "fraction", default = 0.1,
        help = "of all devices are switched on in the course of the run",
    },
    {
        name = "lasting", kind = "duration", default = "1h", minimum = "10m", maximum = "7d",
        help = "how long the run is",
    },
    {
        name = "household", kind = "boolean", default = true,
        help = "they keep, queue and are asked; false: they only report",
    },
}

local models = {
    "gateway", "thermostat", "bulb", "smart-plug", "fridge", "washing-machine", "doorbell",
    "alarm-panel", "tv", "speaker", "wearable",
}
local children = {
    "smart-lock", "light-sensor", "smoke-detector", "window-contact", "flood-sensor",
}

function setup(p)
    local again = law.full_jitter { window = "5m", base = "1s", cap = "10m" }
    local function kind(model, more)
        more = more or {}
        more.model, more.law, more.security = model, again, "none"
        more.household, more.probe_every, more.report_every = p.household, "1h", "15m"
        return more
    end
    local devices = { kind("weather-sensor", { over = "mobile" }) }
    for _, model in ipairs(models) do devices[#devices + 1] = kind(model) end
    for _, model in ipairs(children) do
        devices[#devices + 1] = kind(model, { hub = "gateway" })
    end
    cloud { connections = 20000, requests = 200000 }
    fleet.streets {
        name = "homes", homes = p.homes, per_street = 250, devices = devices,
        -- one by one, so that by the end this share of them has been switched on
        start_over = p.awake > 0 and seconds(p.lasting:seconds() / p.awake) or "366d",
    }
end

function drill(p)
    wait(p.lasting)
end

function verdict(p)
    local share = fleet.online() / (p.homes * 17)
    expect(
        "as many as were to be", share <= p.awake + 0.05 and (share > 0 or p.awake == 0),
        "Of all devices " .. fleet.online() .. " are online, and no more than were switched on.",
        "Others are online than were switched on: " .. fleet.online() .. " devices."
    )
end
