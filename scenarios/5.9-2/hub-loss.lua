-- SPDX-License-Identifier: GPL-3.0-or-later
-- The hub of every home loses its power for half an hour; the router, the mains and the internet
-- are all well. What the hub carried is cut off with it: window contacts, a flood sensor, a smoke
-- detector, all on batteries and all still awake. What stands straight at the router, and the
-- weather sensor on the mobile network, notice nothing.
--
-- EN 303 645, 5.9-2 and 5.9-3: the children go on with what they are there for, and come back in
-- order once the hub has booted and they have joined its mesh again. A mesh in which everybody
-- joins at once, and tries at once, falls upon the cloud in one second.

scenario {
    title = "The hub of every home is lost for half an hour",
    provision = "5.9-2",
    units = { "5.9-3-2 a", "children go on", "others notice nothing" },
}

params {
    {
        name = "homes", kind = "count", default = 60, minimum = 1, maximum = 100000,
        help = "homes with a hub each",
    },
    {
        name = "outage", kind = "duration", default = "30m", minimum = "1m", maximum = "7d",
        help = "how long the hubs have no power",
    },
    {
        name = "law", kind = "choice", default = "orderly", choices = law.names(),
        help = "how a device that lost its cloud tries again: blackstart list laws",
    },
    {
        name = "join", kind = "duration", default = "60s", minimum = "0s", maximum = "1h",
        help = "within how long the children join the mesh of a hub that is back",
    },
    {
        name = "hub", kind = "choice", default = "good", choices = { "good", "for-all" },
        help = "for-all: a mistake of whoever built the homes, everything hangs on the hub",
    },
    {
        name = "capacity", kind = "count", minimum = 1, maximum = 1000000,
        help = "connections per second that the cloud admits",
        default = function(p) return math.max(10, p.homes * 7 // 50) end,
    },
}

local homes, before, during

function setup(p)
    local again = law.named(p.law, { devices = p.homes * 7, capacity = p.capacity })
    local straight = p.hub == "for-all" and "smart-plug" or nil
    local function child(model, count)
        return {
            model = model, per_home = count, hub = "smart-plug", join = { "0s", p.join },
            power = "battery", report_every = "10m", law = again,
        }
    end
    cloud { connections = p.capacity }
    homes = fleet.streets {
        name = "homes", homes = p.homes, per_street = 30, start_over = "5m",
        devices = {
            { model = "smart-plug", law = again, report_every = "10m" },
            child("window-contact", 2), child("flood-sensor", 1), child("smoke-detector", 1),
            { model = "fridge", law = again, hub = straight, report_every = "10m" },
            { model = "weather-sensor", over = "mobile", law = again, report_every = "10m" },
        },
    }
end

function drill(p)
    wait "20m"
    wait_online(1.0, { within = "2h" })
    before = fleet.online()
    homes:devices():model("smart-plug"):cut_power()
    wait(p.outage)
    during = fleet.online()
    homes:devices():model("smart-plug"):restore_power { trigger = "hub is back" }
    wait_online(1.0, { within = "2h" })
    wait "5m"
end

function verdict(p)
    judge.reconnect { unit = "5.9-3-2 a", trigger = "hub is back", capacity = p.capacity }
    -- a hub that carries nobody else's business: fridge and weather sensor stay
    expect(
        "others notice nothing",
        { value = during / p.homes, at_least = 1.99, unit = "devices a home", samples = p.homes },
        "The fridges and the weather sensors stayed online while the hubs were gone.",
        "Devices that do not need the hub went offline with it."
    )
    expect(
        "children go on", fleet.online() == before,
        "Every child of a hub was back without anybody's hand.",
        "Children of hubs stayed away after the hubs were back."
    )
end
