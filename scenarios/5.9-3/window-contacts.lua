-- SPDX-License-Identifier: GPL-3.0-or-later
-- Window contacts sleep: their radio is off between two reports, and they report when somebody
-- opens or closes a window, and once a day. In the evening the cloud is restarted. None of them
-- hears of it: each finds out with its next report, which nobody answers, and comes back by its
-- law. So the people of the houses spread the reconnects over a night and a morning, whatever the
-- law.
--
-- What the table of devices on mains cannot show: a session that has been dead for half a day and
-- that no device misses, and a first wave at breakfast, when the houses are aired.
--
-- A power cut is no trouble for them (their router's is: then a report finds no link). capacity=1
-- with many homes shows how much their mornings ask of a cloud; law=immediate keeps calling while
-- it is over its capacity.

scenario {
    title = "Sleeping window contacts find out one by one that their cloud was restarted",
    provision = "5.9-3",
    units = { "5.9-3-2 a" },
}

params {
    {
        name = "homes", kind = "count", default = 250, minimum = 1, maximum = 1000000,
        help = "homes; each 250 make a street of their own",
    },
    {
        name = "contacts_per_home", kind = "count", default = 4, minimum = 1, maximum = 100,
        help = "window contacts in each home",
    },
    {
        name = "law", kind = "choice", default = "orderly", choices = law.names(),
        help = "how a contact that found its session dead tries again: blackstart list laws",
    },
    {
        name = "capacity", kind = "count", minimum = 1, maximum = 10000000,
        help = "connections per second that the cloud admits",
        default = function(p) return math.max(5, p.homes * p.contacts_per_home // 200) end,
    },
    {
        name = "report_every", kind = "duration", default = "1d", minimum = "1m", maximum = "7d",
        help = "a contact whose window does not move reports that often",
    },
    {
        name = "how", kind = "choice", default = "silent", choices = { "close", "silent" },
        help = "whether the cloud closes its sessions or forgets them: contacts hear neither",
    },
    {
        name = "down", kind = "duration", default = "30s", minimum = "0s", maximum = "1d",
        help = "how long the cloud is gone",
    },
}

function setup(p)
    cloud { connections = p.capacity }
    fleet.streets {
        homes = p.homes,
        start_over = "4m",
        devices = { {
            model = "window-contact",
            per_home = p.contacts_per_home,
            report_every = p.report_every,
            law = law.named(
                p.law, { devices = p.homes * p.contacts_per_home, capacity = p.capacity }
            ),
        } },
    }
end

function drill(p)
    wait "10m"
    wait_online(1.0, { within = "2h" })
    wait "19h" -- until evening: the night that follows is quiet
    cloud_restart { down = p.down, how = p.how }
    wait(p.down)
    wait(p.report_every) -- by then each contact has had something to say
    wait "1h"
end

function verdict(p)
    judge.reconnect { unit = "5.9-3-2 a", trigger = "broker restart", capacity = p.capacity }
end
