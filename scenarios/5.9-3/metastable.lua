-- SPDX-License-Identifier: GPL-3.0-or-later
-- The cloud is gone for five seconds. Then all is well again, but for the fleet: refusing a
-- connection costs half of what admitting one does, so the herd that comes back again and again
-- leaves the cloud no time to let anybody in. The trigger is over, and the outage goes on for as
-- long as the retries do (Bronson et al., "Metastable failures in distributed systems", HotOS
-- 2021).
--
-- N devices that come every 10 s offer N/10 connections a second, and N/20 of their cost. With more
-- than that the cloud is busy refusing: law=fixed never comes back, and FAILs as a metastable
-- failure. A pause that grows takes the load away: full jitter up to a minute offers N/30 and a
-- quarter of the cost, gets in slowly, and FAILs only for how it began. The orderly law never
-- offers more than the cloud can take. (law=immediate offers twenty thousand connections a second:
-- such a run takes minutes, and half a gigabyte for its attempts.)

scenario {
    title = "A fleet keeps its cloud down after the fault is gone",
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
        default = function(p) return math.max(4, p.homes * p.devices_per_home // 50) end,
    },
    {
        name = "down", kind = "duration", default = "5s", minimum = "0s", maximum = "1d",
        help = "how long the cloud is gone",
    },
    {
        name = "overload_cost", kind = "fraction", default = 0.5,
        help = "what turning a connection away costs, as a share of admitting it; 0: nothing",
    },
    {
        name = "over", kind = "choice", default = "refuse", choices = { "drop", "busy", "refuse" },
        help = "what the cloud does with connections that it does not admit",
    },
}

local street

function setup(p)
    cloud { connections = p.capacity, over = p.over, overload_cost = p.overload_cost }
    street = fleet.streets {
        homes = p.homes,
        -- slowly enough for this cloud: who is to lose it must have had it
        start_over = seconds(math.max(240, 2 * p.homes * p.devices_per_home / p.capacity)),
        devices = {
            {
                model = "thermostat", per_home = p.devices_per_home,
                law = law.named(
                    p.law,
                    {
                        devices = 2 * p.homes * p.devices_per_home, capacity = p.capacity,
                        base = "5s",
                    }
                ),
            },
        },
    }
end

function drill(p)
    wait "10m"
    wait_online(1.0, { within = "2h" })
    cloud_restart { down = p.down }
    wait(p.down)
    wait_online(
        1.0, { within = seconds(math.max(900, 30 * p.homes * p.devices_per_home / p.capacity)) }
    )
    wait "1m"
end

function verdict(p)
    judge.reconnect { unit = "5.9-3-2 a", trigger = "broker restart", capacity = p.capacity }
end
