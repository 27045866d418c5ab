-- SPDX-License-Identifier: GPL-3.0-or-later
-- A hundred devices of a street want to change one value in the cloud at the same instant. Each
-- reads it and writes it back under the condition that nobody was faster (CoAP If-Match, RFC 7252
-- 5.10.8.1; over MQTT a user property of ours); who was overtaken tries again when its law says
-- so. One change fits into a round trip, whatever the law: it decides how much work all the others
-- are for nothing, and how long the last one takes.
--
-- The setting of M. Brooker's "Exponential backoff and jitter" (AWS 2015): a network of 10 +- 2 ms
-- each way, pauses that begin at 10 ms (5 ms for decorrelated jitter) and end at 2 s:
--
--   blackstart sweep scenarios/laws/contended-value.lua --vary
--   law=none,exponential,equal-jitter,full-jitter,decorrelated-jitter --seeds 20

scenario { title = "A hundred devices change one value", units = { "contention" } }

params {
    {
        name = "devices", kind = "count", default = 100, minimum = 2, maximum = 10000,
        help = "devices of one street that contend",
    },
    {
        name = "streets", kind = "count", default = 1, minimum = 1, maximum = 1000,
        help = "streets; each has a value of its own",
    },
    {
        name = "law", kind = "choice", default = "full-jitter",
        choices = { "none", "exponential", "equal-jitter", "full-jitter", "decorrelated-jitter" },
        help = "how a device that was overtaken tries again",
    },
    {
        name = "base", kind = "duration", default = "5ms", minimum = "1ms", maximum = "1h",
        help = "base of the pause; the first one is twice as long, but for decorrelated jitter",
    },
    {
        name = "cap", kind = "duration", default = "2s", minimum = "1ms", maximum = "1h",
        help = "longest pause",
    },
    {
        name = "calls_per_change", kind = "number", default = 12, minimum = 1, maximum = 1000000,
        help = "writes for each change that should do",
    },
    {
        name = "limit", kind = "duration", default = "10m", minimum = "1s", maximum = "1d",
        help = "how long the run waits for them",
    },
    {
        name = "protocol", kind = "choice", default = "coap",
        choices = { "coap", "coap-tcp", "mqtt" }, help = "what the devices speak",
    },
}

local street

local function law_of(p)
    local first = p.base * 2
    local laws = {
        ["none"] = function() return law.immediate {} end,
        ["exponential"] = function() return law.exponential { base = first, cap = p.cap } end,
        ["equal-jitter"] = function() return law.equal_jitter { base = first, cap = p.cap } end,
        ["full-jitter"] = function() return law.full_jitter { base = first, cap = p.cap } end,
        ["decorrelated-jitter"] = function() return law.decorrelated_jitter {
            base = p.base, cap = p.cap,
        } end,
    }
    return laws[p.law]()
end

function setup(p)
    -- the network decides here, not the cloud's capacity
    cloud { connections = p.devices * p.streets, requests = "1M" }
    street = fleet.streets {
        homes = p.devices * p.streets,
        per_street = p.devices,
        -- 10 ms one way with a standard deviation of 2 ms: that of a uniform spread over 6.93 ms
        uplink = { latency = "6.035ms", jitter = "6.93ms", rate = 0 },
        backhaul = { latency = "0.5ms", rate = 0 },
        start_over = "30s",
        devices = {
            {
                model = "thermostat", law = law_of(p), report_every = "1d", observe = false,
                protocol = p.protocol,
            },
        },
    }
end

function drill(p)
    wait_online(1.0, { within = "10m" })
    street:change_shared_value()
    wait(p.limit)
end

function verdict(p)
    judge.contention { calls_per_change = p.calls_per_change }
end
