-- SPDX-License-Identifier: GPL-3.0-or-later
-- For half an hour no packet gets through between a street and its cloud, and nobody is told: the
-- links stay up, the power stays on. Each device finds out when a report of its own is not
-- answered, a minute or two later, and tries again in vain from then on. Then the way is free
-- again.
--
-- The mildest of all triggers. Reports are spread over their period, so devices lose their session
-- one by one, and whatever they do next they do at different times: even a fixed pause keeps the
-- phases apart that the fleet had before, and PASSes. Whoever tests this outage alone learns
-- nothing about the law: the same law FAILs broker-restart.lua and power-restore-street.lua, where
-- the fleet begins in one instant. What does not come back in order even here is what forms a herd
-- of its own (herd-on-the-hour). A fleet that has given up is not seen at all, and leaves nothing
-- to be judged (give-up: INCONCLUSIVE).

scenario {
    title = "A street comes back after its way to the cloud was a black hole",
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
        default = function(p) return math.max(20, p.homes * p.devices_per_home // 5) end,
    },
    {
        name = "outage", kind = "duration", default = "30m", minimum = "1s", maximum = "7d",
        help = "how long nothing gets through",
    },
    {
        name = "register", kind = "boolean", default = true,
        help = "devices register before they report; a foreign server may know no registration",
    },
    {
        name = "method", kind = "choice", default = "POST", choices = { "POST", "PUT" },
        help = "CoAP method of a report",
    },
    { name = "path", kind = "text", default = "t", help = "CoAP resource that takes the reports" },
    {
        name = "overload_cost", kind = "fraction", default = 0.6,
        help = "what a connection that falls has cost the cloud all the same, as a share of one " ..
            "that it admits; measured, see docs/scenarios.md",
    },
}

local street

function setup(p)
    cloud { connections = p.capacity, overload_cost = p.overload_cost }
    street = fleet.streets {
        homes = p.homes,
        -- slowly enough for this cloud: who is to lose it must have had it
        start_over = seconds(math.max(240, 2 * p.homes * p.devices_per_home / p.capacity)),
        devices = {
            {
                model = "thermostat", per_home = p.devices_per_home,
                law = law.named(
                    p.law, { devices = p.homes * p.devices_per_home, capacity = p.capacity }
                ),
                register = p.register, method = p.method, path = p.path,
            },
        },
    }
end

function drill(p)
    wait "10m"
    wait_online(1.0, { within = "2h" })
    street:cut_network()
    wait(p.outage)
    street:restore_network { trigger = "WAN restore" }
    wait_online(1.0, { within = "30m" })
    wait "5m"
end

function verdict(p)
    -- Attempts are under way when the way is free again, and each repeats its first packet after 1,
    -- 2, 4 and 8 s: the cloud sees them in the first second, of whatever law, and many of them.
    -- That second is held against the capacity, as any other; against the mean it says nothing
    -- about the law.
    judge.reconnect {
        unit = "5.9-3-2 a", trigger = "WAN restore", capacity = p.capacity, peak_to_mean = 20,
    }
end
