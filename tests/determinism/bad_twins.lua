-- SPDX-License-Identifier: GPL-3.0-or-later
-- Fleets that must fail a check, one for each that no scenario of ours fails: `check` says which.
-- The checks' rows name them (`blackstart list checks`).
scenario { title = "Fleets that must fail a check" }

params {
    {
        name = "check", kind = "choice", default = "answered",
        choices = {
            "answered", "contention", "connection_methods", "examined", "examination_declared",
            "examination_suited",
        },
        help = "the check that must fail",
    },
}

local fleets = {}

function setup(p)
    if p.check == "connection_methods" then
        -- it speaks CoAP
        declare.interface {
            id = "Cloud", description = "MQTT over TLS, to the cloud", resilience_measures = "none",
        }
    end
    if p.check == "examined" then examiner { on = false } end -- nobody looks
    if p.check == "examined" or p.check == "examination_suited" then
        -- for the suited one no device says what it sends to whom
        declare.telemetry { id = "T", description = "Readings", looks_for = { "exfiltration" } }
    end
    cloud { connections = 100 }
    if p.check == "contention" then
        fleets.all = fleet.streets {
            homes = 40,
            per_street = 40,
            uplink = { latency = "6ms", jitter = "7ms", rate = 0 },
            start_over = "30s",
            devices = {
                {
                    model = "thermostat", law = law.immediate {}, report_every = "1d",
                    observe = false,
                },
            },
        }
    else
        fleets.all = fleet.devices {
            model = "thermostat", count = 60, power = "mains", start_over = "1m",
            report_every = "1m", metrics = p.check == "examined",
            law = law.full_jitter { base = "1s", cap = "60s" },
        }
    end
end

function drill(p)
    wait "10m"
    if p.check == "answered" then
        fleets.all:cut_network()
        wait "20m"
    elseif p.check == "contention" then
        fleets.all:change_shared_value()
    elseif p.check == "examined" then
        fleets.all:devices():inject { kind = "exfiltration", lasting = "1h", devices = 5 }
        wait "1h"
    end
    wait "10m"
end

function verdict(p)
    if p.check == "answered" then judge.answered() end
    if p.check == "contention" then judge.contention { calls_per_change = 2 } end
    if p.check == "connection_methods" then judge.connection_methods() end
    if p.check == "examined" then judge.examined() end
    if p.check == "examination_declared" then judge.examination { unit = "5.10-1-1 a" } end
    if p.check == "examination_suited" then judge.examination { unit = "5.10-1-1 b" } end
end
