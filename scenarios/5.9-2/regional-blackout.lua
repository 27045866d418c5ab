-- SPDX-License-Identifier: GPL-3.0-or-later
-- A region has no power for ten hours, as the Iberian peninsula had none on the 28th of April 2025.
-- The homes' routers go at once. The mobile network follows in two steps: small masts after half an
-- hour, large ones in the fifth, when their batteries are empty. The smoke alarms, which the mains
-- feeds and a battery backs, go on and warn until the sixth hour. Then it is silent. When power
-- returns, everything boots at once, asks for an address, a name and the time, and wants its cloud.
--
-- EN 303 645, 5.9-1, 5.9-2 and 5.9-3: do they keep their function as long as the maker says, and
-- does the region come back in an order that the cloud, and the servers before it, can take?

scenario {
    title = "A region comes back after ten hours without power",
    provision = "5.9-2",
    units = { "5.9-3-2 a", "masts in two steps", "batteries",
        "boot chain" },
}

params {
    {
        name = "homes", kind = "count", default = 60, minimum = 4, maximum = 100000,
        help = "homes of the region",
    },
    {
        name = "outage", kind = "duration", default = "10h", minimum = "7h", maximum = "7d",
        help = "how long the power is off",
    },
    {
        name = "backup", kind = "duration", default = "6h", minimum = "0s", maximum = "7d",
        help = "how long the battery behind a smoke alarm lasts",
    },
    {
        name = "chain", kind = "choice", default = "ipv4",
        choices = { "ipv4", "ipv6", "impatient" },
        help = "how devices ask for an address, a name and the time; impatient: every second",
    },
    {
        name = "law", kind = "choice", default = "orderly", choices = law.names(),
        help = "how a device that lost its cloud tries again: blackstart list laws",
    },
    {
        name = "capacity", kind = "count", minimum = 1, maximum = 1000000,
        help = "connections per second that the cloud admits",
        default = function(p) return math.max(10, p.homes * 7 // 50) end,
    },
}

local region
local online = {}

function setup(p)
    local again = law.named(p.law, { devices = p.homes * 5, capacity = p.capacity })
    local function kind(model, more)
        more.model, more.law, more.boot_chain = model, again, p.chain
        more.report_every = "10m"
        return more
    end
    cloud { connections = p.capacity }
    power_zone { name = "transmission" }
    region = power_zone { name = "region", under = "transmission" }
    fleet.streets {
        name = "homes", region = "south", feed = "region", homes = p.homes,
        per_street = 30, start_over = "5m", mobile_battery = { "30m", "5h" },
        devices = {
            kind("thermostat", { per_home = 2 }), kind("fridge", {}),
            kind("smoke-detector", { power = "mains", over = "either", backup = p.backup }),
            kind("weather-sensor", { over = "mobile" }),
        },
    }
end

function drill(p)
    wait "20m"
    wait_online(1.0, { within = "2h" })
    region:cut_power()
    wait "25m" online.all_masts = fleet.online()
    wait "95m" online.large_masts = fleet.online()
    wait "195m" online.no_mast = fleet.online() -- in hour six
    wait(p.outage - duration "315m")
    -- the servers of the ISP have booted, too, but names are slow while all ask for them
    region:server { which = "dns", answers_after = "12s" }
    region:restore_power()
    wait "10m"
    region:server { which = "dns" }
    wait_online(1.0, { within = "4h" })
    wait "5m"
end

local function a_home(n, p) return n / p.homes end

function verdict(p)
    judge.reconnect { unit = "5.9-3-2 a", trigger = "power restore", capacity = p.capacity }
    expect(
        "masts in two steps",
        online.all_masts > online.large_masts and online.large_masts > 0 and online.no_mast == 0,
        "While masts lived, who has the mobile network was online: " ..
            online.all_masts .. ", then " .. online.large_masts .. ", then none.",
        "Devices on the mobile network did not live with it: " ..
            online.all_masts .. ", " .. online.large_masts .. ", " .. online.no_mast .. " online."
    )
    expect(
        "batteries",
        { value = a_home(online.all_masts, p), at_least = 1.99, unit = "devices a home",
          samples = p.homes },
        "Smoke alarms and weather sensors warned on their batteries.",
        "Smoke alarms had no battery to warn on."
    )
    -- names take 12 s at first, so that a client whose pauses grow asks two or three times
    judge.boot_chain {}
end
