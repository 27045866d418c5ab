-- SPDX-License-Identifier: GPL-3.0-or-later
-- A street of heating thermostats loses power for half an hour. When it returns everything boots at
-- once, the home routers need a minute or more, and then every device wants its cloud back.
-- EN 303 645, 5.9-3: do they come back in an orderly, randomised way, within what the cloud said it
-- can take?
--
-- Each 250 homes make a street with its own backhaul. All streets hang on one substation, so all of
-- them come back together.

scenario {
    title = "A street comes back after a power cut",
    provision = "5.9-3",
    units = { "5.9-3-2 a" },
}

params {
    {
        name = "homes", kind = "count", default = 250, minimum = 1, maximum = 1000000,
        help = "homes that lose power; each 250 make a street of their own",
    },
    {
        name = "devices_per_home", kind = "count", default = 4, minimum = 1, maximum = 100,
        help = "thermostats behind each home router",
    },
    {
        name = "outage", kind = "duration", default = "30m", minimum = "1s", maximum = "7d",
        help = "how long the power is off",
    },
    {
        name = "law", kind = "choice", default = "orderly", choices = law.names(),
        help = "how a device that lost its cloud tries again; all but orderly make their first " ..
            "attempt at once",
    },
    {
        name = "capacity", kind = "count", minimum = 1, maximum = 10000000,
        help = "connections per second that the cloud admits",
        default = function(p) return math.max(20, p.homes * p.devices_per_home // 50) end,
    },
    {
        name = "over", kind = "choice", default = "drop", choices = { "drop", "busy", "refuse" },
        help = "what the cloud does with connections over its capacity: lets them fall, answers " ..
            "that it is busy, or refuses at once",
    },
    {
        name = "protocol", kind = "choice", default = "coap",
        choices = { "coap", "coap-tcp", "mqtt", "mixed" },
        help = "what the thermostats speak; mixed: as many of a home as can be each of the three",
    },
    {
        name = "security", kind = "choice", default = "usual",
        choices = { "usual", "none", "dtls", "tls", "tls-psk" },
        help = "what protects it; usual: DTLS for CoAP, and for what goes over TCP TLS with a " ..
            "certificate for each device",
    },
    {
        name = "report_every", kind = "duration", default = "1m", minimum = "1s", maximum = "1d",
        help = "telemetry period of a device",
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
        name = "overload_cost", kind = "fraction",
        help = "what a connection that falls has cost the cloud all the same, as a share of one " ..
            "that it admits; measured, see docs/scenarios.md",
        -- half a handshake of DTLS 1.2 with a key shared before; of TLS 1.3 with two certificates;
        -- of a third and two thirds of these
        default = function(p)
            if p.over ~= "drop" then return 0 end
            return ({ coap = 0.6, mixed = 0.5 })[p.protocol] or 0.45
        end,
    },
}

local street

-- What the maker says of the product, in the fields of the IXIT tables of TS 103 701: it goes into
-- the evidence of the run.
local interfaces = {
    coap = { "CoAP over DTLS with a pre-shared key, to the cloud", "obeys a 5.03 with Max-Age" },
    ["coap-tcp"] = {
        "CoAP over TLS with a certificate of its own, to the cloud",
        "obeys a 5.03 with Max-Age",
    },
    mqtt = {
        "MQTT over TLS with a certificate of its own, to the cloud",
        "takes a CONNACK that says no as its law says",
    },
    mixed = {
        "CoAP over DTLS or TLS, or MQTT over TLS, to the cloud",
        "takes an answer that the cloud is busy as its law says",
    },
}

local function declare_product(p)
    local description, obeys = table.unpack(interfaces[p.protocol])
    declare.interface {
        id = "Cloud", description = description,
        resilience_measures = "A device that lost its cloud waits before it tries again, as its " ..
            "back-off law says, and " .. obeys,
    }
    declare.resilience {
        id = "ResMech-Network",
        description = "Control of the heating goes on without the cloud; the device tries to " ..
            "connect again as its back-off law says",
        type = "network connectivity",
        guarantees = "The rooms stay at their set-points, and no more connections are tried " ..
            "than the cloud can take",
    }
    declare.resilience {
        id = "ResMech-Power",
        description = "The set-point is kept through a loss of power; the device connects again " ..
            "as its back-off law says",
        type = "power outage",
        guarantees = "The device comes back by itself, with the set-point that it had",
    }
    declare.telemetry {
        id = "TelData-Report",
        description = "Room temperature, set-point and whether it heats, once a report period",
        purpose = "To show and to steer the heating",
        security_examination = "None: the reports are shown, not examined",
        personal_data = "When people are at home can be seen from the temperatures",
    }
end

-- The devices of a home: of one protocol, or in turn of each.
local function devices_of(p)
    local protocols = p.protocol == "mixed" and { "coap", "mqtt", "coap-tcp" } or { p.protocol }
    local all = { devices = p.homes * p.devices_per_home, capacity = p.capacity }
    local devices = {}
    for i, protocol in ipairs(protocols) do
        local count = (p.devices_per_home + #protocols - i) // #protocols
        if count > 0 then
            devices[#devices + 1] = {
                model = "thermostat", per_home = count, law = law.named(p.law, all),
                report_every = p.report_every, protocol = protocol,
                security = p.security ~= "usual" and p.security or nil, register = p.register,
                method = p.method, path = p.path,
            }
        end
    end
    return devices
end

function setup(p)
    declare_product(p)
    cloud {
        connections = p.capacity, overload_cost = p.overload_cost, over = p.over, max_age = "30s",
    }
    street = fleet.streets {
        homes = p.homes,
        router_boot = { "60s", "90s" },
        -- slowly enough for this cloud: who is to lose it must have had it
        start_over = seconds(math.max(240, 2 * p.homes * p.devices_per_home / p.capacity)),
        devices = devices_of(p),
    }
end

function drill(p)
    wait "10m"
    -- a small cloud with a patient law takes longer to let everybody in
    wait_online(1.0, { within = "2h" })
    street:cut_power()
    wait(p.outage)
    street:restore_power()
    wait_online(1.0, { within = "2h" })
    wait "5m" -- does it stay calm?
end

function verdict(p)
    judge.reconnect {
        unit = "5.9-3-2 a", trigger = "power restore", capacity = p.capacity, peak_to_mean = 3,
        attempts_per_success = 5,
    }
end
