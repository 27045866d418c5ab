-- SPDX-License-Identifier: GPL-3.0-or-later
-- The cloud restarts, and what stands before it answers in its stead for five minutes: 5.03, come
-- again in so many seconds (CoAP's Max-Age; MQTT 5 has reason codes 0x89 and 0x97, HTTP 429 and
-- Retry-After).
-- Every device that tries is let in, told so, and goes.
--
-- All laws honour the hint, and that is the trap: a hint makes whoever was told at the same time
-- come at the same time again, now with the cloud's own word for it. It takes a spread first
-- attempt for the answers, and so the next attempts, to be spread as well; a law without one brings
-- the herd back on the second, with a fixed pause or a small jitter on top.

scenario {
    title = "A fleet is told that the cloud is busy",
    provision = "5.9-3",
    units = { "5.9-3-2 a" },
}

params {
    {
        name = "homes", kind = "count", default = 250, minimum = 1, maximum = 1000000,
        help = "homes; each 250 make a street of their own",
    },
    {
        name = "devices_per_home", kind = "count", default = 4, minimum = 1, maximum = 100,
        help = "thermostats behind each home router",
    },
    {
        name = "law", kind = "choice", default = "orderly", choices = law.names(),
        help = "how a device that lost its cloud tries again: blackstart list laws",
    },
    {
        name = "capacity", kind = "count", minimum = 1, maximum = 10000000,
        help = "connections per second that the cloud admits",
        default = function(p) return math.max(20, p.homes * p.devices_per_home // 50) end,
    },
    {
        name = "busy", kind = "duration", default = "5m", minimum = "1s", maximum = "1d",
        help = "how long everybody is told 5.03",
    },
    {
        name = "max_age", kind = "duration", default = "5m", minimum = "1s", maximum = "1d",
        help = "the hint: when to come again",
    },
}

local street

function setup(p)
    cloud { connections = p.capacity, over = "busy", max_age = p.max_age }
    street = fleet.streets {
        homes = p.homes,
        start_over = "4m",
        devices = {
            {
                model = "thermostat", per_home = p.devices_per_home,
                law = law.named(
                    p.law, { devices = 2 * p.homes * p.devices_per_home, capacity = p.capacity }
                ),
            },
        },
    }
end

function drill(p)
    wait "10m"
    wait_online(1.0, { within = "2h" })
    cloud_restart { down = p.busy, trigger = "busy answers" }
    wait(p.busy)
    wait_online(1.0, { within = "1h" })
    wait "5m"
end

function verdict(p)
    judge.reconnect { unit = "5.9-3-2 a", trigger = "busy answers", capacity = p.capacity }
end
