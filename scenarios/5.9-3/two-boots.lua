-- SPDX-License-Identifier: GPL-3.0-or-later
-- The power fails twice, and both times the cloud is not there yet when it returns. So devices try
-- again and again, and each of their pauses is drawn by a generator that was seeded when they
-- booted. Where does that seed come from?
--
-- EN 303 645, 5.9-3, example 1 asks for a randomised delay. A device whose seed is a constant, or
-- the time at which it booted, draws what its neighbours draw: it has a random delay on paper, and
-- a herd in life. Two boots are enough to tell these two from a generator of the device's own, and
-- from each other.

scenario {
    title = "Two losses of power, to see where random numbers come from",
    provision = "5.9-3",
    units = { "randomness at boot" },
}

params {
    {
        name = "homes", kind = "count", default = 60, minimum = 10, maximum = 100000,
        help = "each with two smart plugs",
    },
    {
        name = "randomness", kind = "choice", default = "hardware",
        choices = { "hardware", "serial-mixed", "boot-time", "constant" },
        help = "where a plug takes its random numbers from when it boots",
    },
}

local village

function setup(p)
    cloud { connections = 200, over = "refuse" }
    village = fleet.streets {
        homes = p.homes, per_street = 60, router_boot = "1s",
        devices = {
            {
                model = "smart-plug", per_home = 2, randomness = p.randomness,
                law = law.full_jitter { base = "2s", cap = "60s" },
            },
        },
    }
end

local function lose_power(name)
    village:cut_power()
    wait "10m"
    cloud_restart { down = "10m", trigger = name .. ", the cloud" }
    village:restore_power { trigger = name }
    wait "30m"
end

function drill()
    wait "10m"
    lose_power "first boot"
    lose_power "second boot"
end

function verdict()
    judge.randomness {}
end
