-- SPDX-License-Identifier: GPL-3.0-or-later
-- For twenty minutes the cloud accepts every connection, answers the registration 2.01, and closes
-- the session a second later: a quota is used up, a client id is in use twice, a certificate is on
-- a list.
-- To the device each of these is a success. A back-off that begins anew with every success never
-- grows, and the fleet hammers a cloud that has asked it, in its way, to go.
--
-- What helps is a law that counts a session only when it has lasted (reset_after): its pauses go on
-- growing. So the judge looks at the pauses between one session and the next: the last two of a
-- device must be longer than its first two. Attempts per success say nothing here, for every
-- attempt is one.
--
-- law=orderly has a window for three times the fleet, pauses that begin as long as six times
-- devices / capacity and grow to sixty times, and begins anew after a session that lasted so long.
-- Its bad twin: --set reset_after=0s, the same law that begins anew with every session, orderly in
-- every second and for ever.

scenario {
    title = "A fleet meets a cloud that accepts and closes",
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
        default = function(p) return math.max(20, p.homes * p.devices_per_home // 10) end,
    },
    {
        name = "close_after", kind = "duration", default = "1s", minimum = "1ms", maximum = "1m",
        help = "how long a session lives",
    },
    {
        name = "closes", kind = "choice", default = "in-order", choices = { "in-order", "reset" },
        help = "how it ends: in order, or by a reset (of datagrams: without a word)",
    },
    {
        name = "protocol", kind = "choice", default = "coap",
        choices = { "coap", "coap-tcp", "mqtt" }, help = "what devices speak",
    },
    {
        name = "lasts", kind = "duration", default = "20m", minimum = "10m", maximum = "7d",
        help = "how long the cloud does so",
    },
    {
        name = "reset_after", kind = "duration", minimum = "0s", maximum = "7d",
        help = "with law=orderly: how long a session must have lasted for the back-off to begin " ..
            "anew",
        default = function(p) return seconds(
            60 * math.max(10, p.homes * p.devices_per_home / p.capacity)
        ) end,
    },
    {
        name = "overload_cost", kind = "fraction", default = 0.6,
        help = "what a connection that falls has cost the cloud all the same, as a share of one " ..
            "that it admits; measured, see docs/scenarios.md",
    },
}

local street

local function law_of(p)
    local drain = seconds(math.max(10, p.homes * p.devices_per_home / p.capacity))
    return law.named(p.law, {
        devices = 3 * p.homes * p.devices_per_home,
        capacity = p.capacity,
        base = drain * 6,
        cap = drain * 60,
        reset_after = p.reset_after,
    })
end

function setup(p)
    cloud { connections = p.capacity, overload_cost = p.overload_cost }
    street = fleet.streets {
        homes = p.homes,
        -- slowly enough for this cloud: who is to lose it must have had it
        start_over = seconds(math.max(240, 2 * p.homes * p.devices_per_home / p.capacity)),
        devices = {
            {
                model = "thermostat", per_home = p.devices_per_home, law = law_of(p),
                protocol = p.protocol,
            },
        },
    }
end

function drill(p)
    wait "10m"
    wait_online(1.0, { within = "2h" })
    cloud { close_after = p.close_after, closes = p.closes }
    wait(p.lasts)
    cloud { close_after = 0 }
    wait_online(1.0, { within = "1h" })
    wait "5m"
end

function verdict(p)
    judge.reconnect { unit = "5.9-3-2 a", trigger = "close of sessions", capacity = p.capacity }
end
