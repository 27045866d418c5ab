-- SPDX-License-Identifier: GPL-3.0-or-later
-- A service that has nothing to do with the makers goes down for a while: the films that
-- televisions show, the music that speakers play. EN 303 645 calls it a non-associated service, and
-- has one in the example of its Annex A. The devices talk to it beside their own cloud, by the same
-- uplink, and while it is gone they look for it again, five seconds after each try that failed.
--
-- None of that is their maker's business, and none of it may be laid at his door: those attempts
-- are not attempts at his cloud, his devices' sessions with it go on, and people can turn the
-- volume up. Each `device` is a television or a speaker that gets one of these wrong.

scenario {
    title = "A service that is not the makers' is gone for a while",
    provision = "5.9-2",
    units = { "non-associated service" },
}

params {
    {
        name = "homes", kind = "count", default = 60, minimum = 4, maximum = 100000,
        help = "each with a television, a speaker, a thermostat and a bulb",
    },
    {
        name = "outage", kind = "duration", default = "30m", minimum = "1m", maximum = "7d",
        help = "how long the other service is gone",
    },
    {
        name = "device", kind = "choice", default = "as-declared",
        choices = { "as-declared", "other-dependent", "drops-both" },
        help = "what televisions and speakers do wrong: their local function goes by the other " ..
            "service; they drop their session with their own cloud as well",
    },
    {
        name = "protocol", kind = "choice", default = "coap", choices = { "coap", "mqtt" },
        help = "what the devices speak with their own cloud",
    },
}

function setup(p)
    local again = law.orderly { devices = p.homes * 4, capacity = 40 }
    local function kind(model, more)
        more = more or {}
        more.model, more.law, more.protocol = model, again, p.protocol
        more.household, more.report_every, more.probe_every = true, "5m", "10m"
        return more
    end
    local function player(model)
        return kind(model, { non_associated = law.fixed { base = "5s" }, device = p.device })
    end
    cloud { connections = 40 }
    fleet.streets {
        homes = p.homes, per_street = 30,
        devices = { player "tv", player "speaker", kind "thermostat", kind "bulb" },
    }
end

function drill(p)
    wait "5m"
    wait_online(1.0, { within = "1h" })
    wait "1h"
    non_associated_outage { lasting = p.outage }
    wait(p.outage)
    wait "30m"
end

function verdict()
    judge.non_associated {}
end
