-- SPDX-License-Identifier: GPL-3.0-or-later
-- The cloud is there and says nothing: its process stands still, connections are open, and no byte
-- is answered. No RST and no FIN tells the devices. EN 303 645, 5.9-1: resilience to an outage
-- begins with noticing it. Who waits for an answer, or asks for a sign of life, gives the
-- connection up and comes again by its law; who only sends believes for hours that all is well, and
-- its data is lost. What the cloud says to newcomers alone is missed by who comes meanwhile: so the
-- power fails just before, and is back when the cloud has fallen silent.

scenario {
    title = "A cloud that is there and says nothing",
    provision = "5.9-1",
    units = { "silence" },
}

params {
    {
        name = "devices", kind = "count", default = 200, minimum = 10, maximum = 1000000,
        help = "smart plugs",
    },
    {
        name = "protocol", kind = "choice", default = "mqtt",
        choices = { "mqtt", "coap", "coap-tcp" }, help = "what they speak",
    },
    {
        name = "what", kind = "choice", default = "all",
        choices = {
            "all", "handshake", "connack", "puback", "pingresp", "csm", "created", "changed",
            "notification", "pong",
        },
        help = "what the cloud withholds",
    },
    {
        name = "lasting", kind = "duration", default = "10m", minimum = "1s", maximum = "7d",
        help = "for how long",
    },
    {
        name = "keep_alive", kind = "duration", default = "60s", minimum = "5s", maximum = "18h",
        help = "of what goes over TCP, as the devices declare it",
    },
    {
        name = "device", kind = "choice", default = "good", choices = { "good", "deaf" },
        help = "deaf: wants no answer to what it sends, never asks whether anybody is there, and "
            .. "waits for a connection without end",
    },
    {
        name = "capacity", kind = "count", default = 20, minimum = 1, maximum = 1000000,
        help = "connections per second that the cloud admits",
    },
}

local all
local for_newcomers = { handshake = true, connack = true, csm = true, created = true }

function setup(p)
    cloud { connections = p.capacity }
    all = fleet.devices {
        model = "smart-plug", count = p.devices, protocol = p.protocol, start_over = "2m",
        law = law.full_jitter { window = "1m", base = "5s", cap = "2m" },
        keep_alive = p.device == "deaf" and "0s" or p.keep_alive,
        qos = p.device == "deaf" and 0 or 1,
        connect_limit = p.device == "deaf" and "1d" or "30s",
    }
end

function drill(p)
    wait "10m"
    wait_online(1.0, { within = "1h" })
    if for_newcomers[p.what] then all:cut_power() end
    freeze { lasting = p.lasting, what = p.what }
    if for_newcomers[p.what] then all:restore_power() end
    wait(p.lasting)
    wait_online(1.0, { within = "2h" })
    wait "5m"
end

function verdict()
    judge.silence {}
end
