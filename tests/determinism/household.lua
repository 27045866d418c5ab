-- SPDX-License-Identifier: GPL-3.0-or-later
-- Ten homes lose their network for an hour, then their power: once for good, and once while devices
-- write. Each `device` is a bad twin that does one thing wrong, in the model that has it to lose.
scenario { title = "Homes without network and without power" }

params {
    {
        name = "device", kind = "choice", default = "as-declared",
        choices = {
            "as-declared", "cloud-dependent", "asks-leave", "forgets-users", "restores-default",
            "drops-samples", "wants-pairing", "stale-session", "no-journal",
        },
        help = "what one kind of device does wrong",
    },
    {
        name = "declared", kind = "choice", default = "all",
        choices = { "all", "network", "nothing-guaranteed" },
        help = "which mechanisms the maker declares, and with what",
    },
}

local homes

-- Which model has what a bad twin spoils.
local spoilt = {
    ["cloud-dependent"] = "bulb",
    ["asks-leave"] = "bulb",
    ["forgets-users"] = "smart-lock",
    ["restores-default"] = "thermostat",
    ["drops-samples"] = "weather-sensor",
    ["wants-pairing"] = "bulb",
    ["stale-session"] = "weather-sensor",
    ["no-journal"] = "thermostat",
}

local function kind(p, model)
    return {
        model = model, household = true, probe_every = "5m", report_every = "2m", power = "mains",
        law = law.full_jitter { window = "30s", base = "2s", cap = "1m" },
        device = spoilt[p.device] == model and p.device or "as-declared",
    }
end

function setup(p)
    local claims = p.declared ~= "nothing-guaranteed"
    declare.resilience {
        id = "Local", description = "Functions in the house need no cloud",
        type = "network connectivity",
        guarantees = claims and "the local function, and later what was sensed" or nil,
    }
    if p.declared ~= "network" then
        declare.resilience {
            id = "Flash", description = "A journal in flash", type = "power outage",
            guarantees = claims and "the state before the loss, or the one being written" or nil,
        }
    end
    cloud { connections = 100 }
    homes = fleet.streets {
        homes = 10, per_street = 10, start_over = "30s",
        devices = {
            kind(p, "bulb"), kind(p, "smart-lock"), kind(p, "thermostat"),
            kind(p, "weather-sensor"),
        },
    }
end

function drill()
    wait "1h"
    homes:cut_network()
    wait "1h"
    homes:restore_network()
    wait "30m"
    homes:cut_power()
    wait "10m"
    homes:restore_power()
    wait "30m"
    homes:devices():cut_power_in_write()
    wait "10m"
    homes:devices():restore_power()
    wait "30m"
end

function verdict()
    for _, unit in ipairs { "5.9-1-1 a", "5.9-1-1 b", "5.9-2-1 a", "5.9-2-1 b", "5.9-2-1 c" } do
        judge.resilience { unit = unit }
    end
    for _, unit in ipairs { "5.9-1-2 a", "5.9-1-2 b" } do judge.outage { unit = unit } end
    for _, unit in ipairs { "5.9-2-2 a", "5.9-2-2 b" } do judge.local_function { unit = unit } end
end
