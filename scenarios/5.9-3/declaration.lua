-- SPDX-License-Identifier: GPL-3.0-or-later
-- Before anything is switched off: is what the maker declares adequate (EN 303 645, 5.9-3; test
-- case 5.9-3-1 of TS 103 701, conceptual)? a) each connection method follows a standard that keeps
-- connections orderly; b) the declared back-off law is a measure against mass reconnection. The
-- second is answered by drawing from the law: what would so many devices do to so large a cloud if
-- all began in one instant? No outage is needed, so this takes no time; the functional half is in
-- the other scenarios of this folder.
--
-- A fixed retry passes a) and fails b).

scenario {
    title = "Is the declared law a measure against mass reconnection?",
    provision = "5.9-3",
    units = { "5.9-3-1 a", "5.9-3-1 b" },
}

params {
    {
        name = "devices", kind = "count", default = 1000, minimum = 50, maximum = 1000000,
        help = "devices that would come back together",
    },
    {
        name = "capacity", kind = "count", minimum = 1, maximum = 10000000,
        help = "connections per second that the cloud admits",
        default = function(p) return math.max(20, p.devices // 50) end,
    },
    {
        name = "observed", kind = "count", default = 50, minimum = 1, maximum = 100000,
        help = "devices that really run, to see what they speak",
    },
    {
        name = "law", kind = "choice", default = "orderly", choices = law.names(),
        help = "the declared law",
    },
}

function setup(p)
    declare.interface {
        id = "Cloud",
        description = "CoAP (RFC 7252) over DTLS 1.2 (RFC 6347) with a pre-shared key, to the " ..
            "cloud",
        resilience_measures = "A device that lost its cloud waits before it tries again, as its " ..
            "back-off law says, and obeys a 5.03 with Max-Age",
    }
    cloud { connections = p.capacity }
    fleet.devices {
        model = "thermostat",
        count = p.observed,
        law = law.named(p.law, { devices = p.devices, capacity = p.capacity }),
        start_over = "10s",
    }
end

function drill(p)
    wait_online(1.0, { within = "1h" })
end

function verdict(p)
    judge.connection_methods { unit = "5.9-3-1 a" }
    judge.declaration { unit = "5.9-3-1 b", devices = p.devices, capacity = p.capacity }
end
