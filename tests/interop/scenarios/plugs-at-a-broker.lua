-- SPDX-License-Identifier: GPL-3.0-or-later
-- Smart plugs at a broker: all of them lose their power; then whoever runs this does to the broker
-- what he likes, for as long as `trouble` says.

scenario { title = "Plugs at a broker that has its troubles" }

params {
    { name = "devices", kind = "count", default = 100, minimum = 2, maximum = 20000 },
    { name = "back_within", kind = "duration", default = "40s", help = "after each trouble" },
    { name = "calm", kind = "duration", default = "5s", help = "before and after it" },
    { name = "trouble", kind = "duration", default = "12s" },
    { name = "period", kind = "duration", default = "2s" },
}

local plugs

function setup(p)
    plugs = fleet.devices {
        model = "smart-plug",
        count = p.devices,
        protocol = "mqtt",
        law = law.full_jitter { base = "500ms", cap = "4s" },
        report_every = p.period,
        start_over = p.period,
    }
end

local started, powered, back

function drill(p)
    started = wait_online(1.0, { within = p.back_within })
    wait(p.calm)
    plugs:devices():cut_power()
    wait "2s"
    plugs:devices():restore_power()
    powered = wait_online(1.0, { within = p.back_within })
    wait(p.calm)
    say "trouble"
    wait(p.trouble)
    back = wait_online(1.0, { within = p.back_within })
    wait(p.calm)
end

function verdict(p)
    expect("start", started, "all came online.")
    expect("power", powered, "all were back after the power cut.")
    expect("broker", back, "all were there after the broker's trouble.")
    judge.reconnect { trigger = "power restore", capacity = 10000, devices_minimum = 10 }
end
