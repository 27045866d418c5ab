-- SPDX-License-Identifier: GPL-3.0-or-later
-- Nothing bad happens: devices connect, send a report each period, and every report is answered.
-- The first thing to run against a server of one's own:
--
--   blackstart run scenarios/steady.lua --target coap://127.0.0.1:5683 --set devices=200
--   blackstart run scenarios/steady.lua --target coap+tcp://127.0.0.1 --set protocol=coap-tcp
--   blackstart run scenarios/steady.lua --target mqtt://127.0.0.1:1883 --set protocol=mqtt
--
-- libcoap's example server takes a PUT on example_data. Another server: --set method=POST --set
-- path=telemetry.

scenario { title = "A calm day: every report is answered" }

params {
    {
        name = "devices", kind = "count", default = 200, minimum = 1, maximum = 1000000,
        help = "how many devices",
    },
    {
        name = "duration", kind = "duration", default = "1m", minimum = "1s", maximum = "30d",
        help = "how long they report, once they had the time to connect",
    },
    {
        name = "period", kind = "duration", default = "10s", minimum = "100ms", maximum = "1d",
        help = "time between two reports of a device",
    },
    {
        name = "protocol", kind = "choice", default = "coap",
        choices = { "coap", "coap-tcp", "mqtt" }, help = "what the devices speak",
    },
    {
        name = "security", kind = "choice", default = "usual",
        choices = { "usual", "none", "dtls", "tls", "tls-psk" },
        help = "what protects it where the target is secured; usual: DTLS for CoAP, and for " ..
            "what goes over TCP TLS with certificates",
    },
    {
        name = "model", kind = "choice", default = "thermostat",
        choices = { "thermostat", "window-contact", "smart-plug" },
        help = "what kind of device they are",
    },
    {
        name = "method", kind = "choice", default = "PUT", choices = { "POST", "PUT", "GET" },
        help = "how a report is sent: PUT replaces the last one (MQTT: a retained message), " ..
            "POST adds to it; GET asks for what is there (CoAP)",
    },
    {
        name = "path", kind = "text", default = "example_data",
        help = "resource that takes the reports (MQTT: the topic, with the device's name behind " ..
            "it)",
    },
}

function setup(p)
    fleet.devices {
        model = p.model,
        protocol = p.protocol,
        security = p.security ~= "usual" and p.security or nil,
        count = p.devices,
        law = law.full_jitter { base = "1s", cap = "60s" },
        report_every = p.period,
        method = p.method,
        path = p.path,
        -- CoAP: to be connected is enough, a foreign server knows no registration; MQTT: CONNECT
        -- is one.
        register = p.protocol == "mqtt",
        start_over = p.period,
    }
end

function drill(p)
    -- Every device has tried once by then, and the cloud had half a minute to answer. If not one is
    -- online, waiting longer is of no use.
    if not wait_online(0.000001, { within = p.period + "30s" }) then
        say("no device is online after ", now(), ": the run ends here")
        return
    end
    if wait_online(1.0, { within = "2m" }) then
        say("all ", p.devices, " devices are online after ", now())
    end
    wait(p.duration)
end

function verdict(p)
    judge.answered { at_least = "100%" }
end
