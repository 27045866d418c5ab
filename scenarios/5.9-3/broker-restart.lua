-- SPDX-License-Identifier: GPL-3.0-or-later
-- The cloud is restarted: it closes all sessions in order, is gone for half a minute, and is back.
-- Every device of the fleet learns of it in the same instant, whatever it was doing: the hardest
-- start for a back-off law, and the most ordinary day of an operator.
--
-- A law without a spread first attempt brings the whole fleet at once, before any jitter has had a
-- say. The orderly one sizes its window for twice the fleet, since those who come while the cloud
-- is down come again when their attempt has timed out.
--
-- how=silent: the cloud forgets its sessions without a word (a crash, a fail-over). Then devices
-- find out when a report is not answered, each at its own time, much as in wan-black-hole.lua.
-- over=refuse: the cloud refuses at once what it does not admit, down or not. Then attempts fail at
-- once as well, and come again all the sooner: down=30s FAILs for full jitter from 1 s that passes
-- when packets fall.

scenario {
    title = "A fleet comes back after its broker was restarted",
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
        name = "down", kind = "duration", default = "30s", minimum = "0s", maximum = "1d",
        help = "how long the cloud is gone",
    },
    {
        name = "how", kind = "choice", default = "close", choices = { "close", "silent" },
        help = "whether it closes its sessions or forgets them",
    },
    {
        name = "over", kind = "choice", default = "drop", choices = { "drop", "busy", "refuse" },
        help = "what it does with connections that it does not admit",
    },
    {
        name = "overload_cost", kind = "fraction",
        default = function(p) return p.over == "drop" and 0.6 or 0 end,
        help = "what a connection that falls has cost the cloud all the same, as a share of one " ..
            "that it admits; measured, see docs/scenarios.md",
    },
}

local street

function setup(p)
    cloud { connections = p.capacity, overload_cost = p.overload_cost, over = p.over }
    street = fleet.streets {
        homes = p.homes,
        -- slowly enough for this cloud: who is to lose it must have had it
        start_over = seconds(math.max(240, 2 * p.homes * p.devices_per_home / p.capacity)),
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
    cloud_restart { down = p.down, how = p.how }
    wait(p.down)
    -- a report within a minute, and up to 93 s until it counts as unanswered
    if p.how == "silent" then wait "3m" end
    wait_online(1.0, { within = "1h" })
    wait "5m"
end

function verdict(p)
    judge.reconnect { unit = "5.9-3-2 a", trigger = "broker restart", capacity = p.capacity }
end
