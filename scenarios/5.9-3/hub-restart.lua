-- SPDX-License-Identifier: GPL-3.0-or-later
-- The home routers of a street restart, as after a firmware update of the provider: ten seconds
-- without power, a minute or more until the link is up. The devices behind them keep their power
-- and see the link go and come; each of them has lost its session and none has lost its memory.
--
-- The fleet comes back with its routers, within half a minute: everything that begins when the link
-- comes up begins together.

scenario {
    title = "A street comes back after its home routers were restarted",
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
        name = "off", kind = "duration", default = "10s", minimum = "0s", maximum = "1d",
        help = "how long the routers have no power",
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
        router_boot = { "60s", "90s" },
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
    street:restart_routers { off = p.off }
    wait(p.off)
    wait_online(1.0, { within = "1h" })
    wait "5m"
end

function verdict(p)
    judge.reconnect { unit = "5.9-3-2 a", trigger = "hub restart", capacity = p.capacity }
end
