scenario { title = "Everything", provision = "5.9-3", units = { "5.9-3-2 a" }, duration = "1h" }
params {
    { name = "homes", kind = "count", default = "10k", minimum = 1, maximum = 1e6, help = "homes" },
    { name = "size", kind = "number", default = 1.5, minimum = -1 },
    { name = "outage", kind = "duration", default = "1h30m", maximum = "7d" },
    { name = "share", kind = "fraction", default = "25%" },
    { name = "over", kind = "choice", choices = { "drop", "busy" }, default = "drop" },
    { name = "note", kind = "text", default = "x" },
    { name = "calm", kind = "boolean", default = true },
    { name = "capacity", kind = "count", default = function(p) return math.max(20, p.homes // 50) end },
}
local streets, half
function setup(p)
    say("early ", world)
    cloud { connections = p.capacity, requests = "5k", over = p.over, max_age = "30s", connection_queue = 9, request_queue = 9 }
    streets = fleet.streets { name = "north", region = "far", homes = p.homes, per_street = 100, router_boot = { "60s", "90s" }, start_over = "4m",
        uplink = { latency = "8ms", jitter = "4ms", loss = "1%", duplicate = 0.001, rate = "20Mbit", queue = "64k" }, backhaul = { latency = "10ms" },
        devices = { { model = "thermostat", per_home = 4, law = law.orderly { devices = p.homes * 4, capacity = p.capacity }, report_every = "1m", boot = "2s", connect_limit = "30s", metrics = true, power = "battery" },
            { model = "thermostat", law = law.decorrelated_jitter { base = "1s", cap = "1m", window = "5s" }, method = "PUT", path = "a/b", register = false, observe = false } } }
    fleet.devices { model = "thermostat", count = 20, law = law.equal_jitter { factor = 3 }, name = "others" }
    half = streets:homes():fraction(0.5):fraction("50%", { draw = 2 })
end
function drill(p)
    wait "10m" wait(p.outage * 2 - "5m") wait_until "5h"
    half:cut_power() half:restore_power { trigger = "again" }
    streets:street(2):cut_network() substation:restore_network() fleet.all():link { loss = 0.5 }
    streets:devices():model("thermostat"):set_point(21.5)
    local ok, homes = wait_online(p.share, { within = "2h" }), streets:count()
    say(ok, homes, now():seconds(), now() < "2h", duration "5m" == seconds(300), tostring(streets), string.format("%5.2f %s", math.random(), {}))
    for k, v in pairs { b = 1, a = 2, [3] = 4, [true] = 5 } do say(k, v) end
    local t = { 5, 3, 9 } table.sort(t, function(a, b) return a > b end) say(table.concat(t, ","), ("a=1"):match("(%w+)=(%d)"))
    say(pcall(error, "x"), select("#", 1, 2), tonumber("0x10"), type(nil))
    streets:devices():powered_by("mains"):inject { kind = "exfiltration", after = "1m", lasting = "6h", ramp = "5m", strength = 0.5, devices = 5 }
    substation:inject { kind = "clone", ends_at = "9d" }
    cloud { connections = 5 }
end
function verdict(p)
    local f = judge.reconnect { unit = "5.9-3-2 a", trigger = "again", capacity = 20, peak_over_capacity = 1, peak_to_mean = 3, attempts_per_success = 5, devices_minimum = 50 }
    judge.answered { at_least = "99%" }
    expect("small", f.measures["busiest second"] < 20, "It was small.", "It was large: " .. f.sentence)
end
