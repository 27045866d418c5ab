-- SPDX-License-Identifier: GPL-3.0-or-later
-- The worst moment for an outage is in the middle of something. Somebody sets a code, resets the
-- thing to give it away, or the maker's update is being written; and just then the power goes, or
-- the network, or the cloud.
--
-- EN 303 645, 5.9-2 (and 5.3-2, 5.11-1): what was being written is afterwards the old value or the
-- new one and nothing else. A reset that was begun is finished, nothing of the old owner is left,
-- and the next one can pair it. An update is the old version or the new one, and in the end the new
-- one. A flash that is written in place, without a journal, fails the first; an image that is
-- written over the one that runs fails the last.

scenario { title = "Interrupted: in a write, in a reset, in an update", provision = "5.9-2" }

params {
    {
        name = "amid", kind = "choice", default = "write", choices = { "write", "reset", "update" },
        help = "in the middle of what it happens",
    },
    {
        name = "what", kind = "choice", default = "power",
        choices = { "network", "power", "service" }, help = "what is taken from the homes then",
    },
    {
        name = "homes", kind = "count", default = 12, minimum = 4, maximum = 100000,
        help = "homes with five devices each",
    },
    {
        name = "times", kind = "count", default = 4, minimum = 1, maximum = 50,
        help = "how often it happens",
    },
    {
        name = "device", kind = "choice", default = "as-declared",
        choices = { "as-declared", "no-journal", "one-slot" },
        help = "no-journal: thermostats write their flash in place; one-slot: they write a new " ..
            "image over the one that runs",
    },
}

local homes, back

function setup(p)
    local function kind(model)
        local bad = model == "thermostat"
        return {
            model = model, household = true, probe_every = "5m", report_every = "5m",
            power = "mains", updates = model ~= "smart-lock",
            law = law.orderly { devices = p.homes * 5, capacity = 50 },
            device = bad and p.device == "no-journal" and p.device or "as-declared",
            slots = bad and p.device == "one-slot" and 1 or 2,
        }
    end
    cloud { connections = 50 }
    homes = fleet.streets {
        name = "homes", homes = p.homes, per_street = 40, start_over = "2m",
        devices = {
            kind("thermostat"), kind("bulb"), kind("smart-lock"), kind("smart-plug"),
            kind("fridge"),
        },
    }
end

-- What is taken is gone for ten minutes, in which people look at their devices.
local taken = {
    network = function()
        homes:cut_network()
        wait "10m"
        homes:restore_network()
    end,
    power = function()
        homes:cut_power()
        wait "10m"
        homes:restore_power()
    end,
    service = function()
        cloud_restart { down = "10m", how = "silent" }
        wait "10m"
    end,
}

local function amid_a_write(p, round)
    if p.what == "power" then
        homes:devices():cut_power_in_write()
    else
        homes:devices():model("thermostat"):set_point(18 + round % 6)
    end
    taken[p.what]()
end

local function amid_a_reset(p)
    homes:devices():reset_factory { cut = p.what == "power" }
    taken[p.what]()
    wait "2m"
    homes:devices():pair()
end

-- An image is on its way, or being written, in the seconds after it was offered.
local function amid_an_update(p, round)
    homes:devices():offer_update { version = 1 + round, size = 60000, over = "20s" }
    wait(seconds(8 + 3 * round))
    taken[p.what]()
end

local amid = { write = amid_a_write, reset = amid_a_reset, update = amid_an_update }

function drill(p)
    wait "30m"
    wait_online(1.0, { within = "2h" })
    for round = 1, p.times do
        amid[p.amid](p, round)
        wait "20m"
    end
    back = wait_online(1.0, { within = "2h" })
    wait "30m"
end

function verdict(p)
    if p.what == "power" then
        judge.outage { unit = "5.9-1-2 b" }
        judge.local_function { unit = "5.9-2-2 b" }
    elseif p.amid ~= "reset" then -- who is given away comes back to nobody
        judge.outage { unit = "5.9-1-2 a" }
        judge.local_function { unit = "5.9-2-2 a" }
    end
    expect(
        "everybody is back", back, "Every device came back.",
        "Devices did not come back: whoever owns them has to have them repaired."
    )
    if p.amid == "reset" then
        -- where power went before its first step, the reset was never begun and the owner is the
        -- old one; who was reset has a new one
        threshold("household_reset", ">=" .. p.homes * 5 * p.times * 4 // 5)
        threshold("household_paired/household_reset", ">=100%")
    elseif p.amid == "update" then
        expect(
            "the new version at last",
            -- the lock takes no updates
            { value = fleet.version(1 + p.times), at_least = 0.8, unit = "share",
              samples = p.homes * 5 },
            "All of them run the last version that was offered.",
            "Some never got the last version that was offered."
        )
    end
end
