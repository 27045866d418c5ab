-- SPDX-License-Identifier: GPL-3.0-or-later
-- New firmware is out, and the cloud tells the fleet. Every device fetches it, checks it, installs
-- it and restarts: a roll-out is a mass reconnect that the maker orders himself.
-- EN 303 645, 5.9-3 (and 5.3-4): do they come back in an orderly, randomised way, within what the
-- cloud said it can take?
--
-- What it teaches: nothing was broken here, no power went, nobody attacked, and yet a notice that
-- reaches everybody at once makes the same herd as a power cut. There are two places to mend it.
-- The device can: a law with a first random delay that fits the cloud passes whatever the maker
-- does (law=orderly). The maker can: with --set spread=1h each device is told at a random time
-- within an hour, and then even law=fixed passes. But the maker's care helps against his own
-- roll-outs only; the next power cut asks the device (power-restore-street.lua).

scenario {
    title = "A firmware roll-out restarts the fleet",
    provision = "5.9-3",
    units = { "5.9-3-2 a" },
}

params {
    {
        name = "devices", kind = "count", default = 1000, minimum = 1, maximum = 1000000,
        help = "thermostats, each on a line of its own",
    },
    {
        name = "spread", kind = "duration", default = 0, maximum = "7d",
        help = "each device is told at a random time within this; 0: all at once",
    },
    {
        name = "size", kind = "count", default = 4000, minimum = 1, maximum = 1048576,
        help = "bytes of the firmware image",
    },
    {
        name = "law", kind = "choice", default = "orderly", choices = law.names(),
        help = "how a device that lost its cloud tries again; all but orderly make their first " ..
            "attempt at once",
    },
    {
        name = "capacity", kind = "count", minimum = 1, maximum = 10000000,
        help = "connections per second that the cloud admits",
        default = function(p) return math.max(20, p.devices // 50) end,
    },
    {
        name = "over", kind = "choice", default = "drop", choices = { "drop", "busy", "refuse" },
        help = "what the cloud does with connections over its capacity: lets them fall, answers " ..
            "5.03 with Max-Age, or refuses at once",
    },
    {
        name = "verifies", kind = "boolean", default = true,
        help = "devices check what they install",
    },
    {
        name = "protocol", kind = "choice", default = "coap",
        choices = { "coap", "coap-tcp", "mqtt" }, help = "what the thermostats speak",
    },
    {
        name = "overload_cost", kind = "fraction",
        -- half a handshake of DTLS 1.2 with a key shared before; of TLS 1.3 with two certificates
        default = function(p)
            if p.over ~= "drop" then return 0 end
            return p.protocol == "coap" and 0.6 or 0.45
        end,
        help = "what a connection that falls has cost the cloud all the same, as a share of one " ..
            "that it admits; measured, see docs/scenarios.md",
    },
}

local fleet_of_thermostats

function setup(p)
    cloud {
        connections = p.capacity, overload_cost = p.overload_cost, over = p.over, max_age = "30s",
    }
    fleet_of_thermostats = fleet.streets {
        homes = p.devices,
        -- slowly enough for this cloud: who is to lose it must have had it
        start_over = seconds(math.max(240, 2 * p.devices / p.capacity)),
        devices = {
            {
                model = "thermostat",
                law = law.named(p.law, { devices = p.devices, capacity = p.capacity }),
                updates = true, verifies = p.verifies, protocol = p.protocol,
            },
        },
    }
end

function drill(p)
    wait "10m"
    -- a small cloud with a patient law takes longer to let everybody in
    wait_online(1.0, { within = "2h" })
    fleet_of_thermostats:offer_update {
        version = 2, size = p.size, over = p.spread, trigger = "update wave",
    }
    wait(p.spread + "1m")
    wait_online(1.0, { within = "2h" })
    wait "5m" -- does it stay calm?
end

function verdict(p)
    judge.reconnect { unit = "5.9-3-2 a", trigger = "update wave", capacity = p.capacity }
    local share = fleet.version(2)
    local seen = "%.1f %% of the devices run the new version; 95 %% at least were wanted."
    expect(
        "rolled out", share >= 0.95, string.format(seen, 100 * share),
        string.format("only " .. seen, 100 * share)
    )
end
