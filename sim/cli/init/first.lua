-- SPDX-License-Identifier: GPL-3.0-or-later
-- A first scenario of your own: a small street loses power and it comes
-- back.
--
--   blackstart run first.lua --product product.json
--   blackstart run first.lua --set law=fixed        its bad twin: FAIL

scenario {
    title = "Our devices come back",
    provision = "5.9-3",
    units = { "5.9-3-2 a" },
}

params {
    {
        name = "homes", kind = "count",
        default = 30, minimum = 1, maximum = 1000000,
        help = "homes that lose power",
    },
    {
        name = "capacity", kind = "count",
        default = 10, minimum = 1, maximum = 10000000,
        help = "connections per second",
    },
    {
        name = "law", kind = "choice",
        default = "orderly", choices = law.names(),
        help = "how a device tries again",
    },
}

local street

function setup(p)
    local fleet_size = { devices = p.homes * 4, capacity = p.capacity }
    cloud { connections = p.capacity }
    street = fleet.streets {
        homes = p.homes,
        devices = {
            {
                model = "thermostat", per_home = 4,
                report_every = "1m",
                law = law.named(p.law, fleet_size),
            },
        },
    }
end

function drill(p)
    wait "10m"
    street:cut_power()
    wait "30m"
    street:restore_power()
    wait_online(1.0, { within = "1h" })
    wait "5m"
end

function verdict(p)
    judge.reconnect { trigger = "power restore" }
end
