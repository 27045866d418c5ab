-- SPDX-License-Identifier: GPL-3.0-or-later
-- Power and network faults against a real server, in the time that a test has: half of the devices
-- lose power, then the other half its network.

scenario { title = "Half of them lose power, then half their network" }

params {
    { name = "devices", kind = "count", default = 60, minimum = 2, maximum = 1000 },
    { name = "back_within", kind = "duration", default = "12s" },
}

local fleet_of_mine

function setup(p)
    fleet_of_mine = fleet.devices {
        model = "thermostat",
        count = p.devices,
        law = law.full_jitter { base = "500ms", cap = "2s" },
        report_every = "1s",
        start_over = "500ms",
    }
end

local came_online, after_power, after_network, seen_by_half

function drill(p)
    came_online = wait_online(1.0, { within = p.back_within })
    local half = fleet_of_mine:devices():fraction(0.5)
    half:cut_power()
    wait "1s"
    seen_by_half = not wait_online(1.0, { within = "500ms" })
    half:restore_power()
    after_power = wait_online(1.0, { within = p.back_within })
    wait "1s"
    local homes = fleet_of_mine:homes():fraction(0.5, { draw = 2 })
    homes:cut_network()
    wait "2s"
    homes:restore_network()
    wait "3s" -- CoAP repeats what was lost (RFC 7252 4.2: after 2 s to 3 s)
    after_network = wait_online(1.0, { within = p.back_within })
end

function verdict(p)
    expect("start", came_online, "all came online.")
    expect("cut", seen_by_half, "those without power were gone.")
    expect("power", after_power, "all were back after the power cut.")
    expect("network", after_network, "all were there after the network cut.")
    judge.reconnect { trigger = "power restore", capacity = 1000, devices_minimum = 10 }
    judge.answered { at_least = "50%" }
end
