-- SPDX-License-Identifier: GPL-3.0-or-later
-- Somebody got hold of the update service, but not of the maker's signing key. He offers the fleet
-- one bad update after another: does a device install anything but what the maker signed?
-- EN 303 645, 5.3-9 (devices verify that an update is authentic and whole) and 5.3-10 (over a
-- network: by a trust relationship).
--
-- What it teaches: the channel was encrypted and authenticated all the time, and that did not help,
-- because its far end was in the wrong hands. What counts is what the device checks by itself: the
-- signature of the manifest, then model and version (an old version is genuine, and full of holes
-- that are known by now), then length and digest of the image. And power that fails in the middle
-- of it must leave a device that runs, with the old version until the new one is whole.
-- Devices that check nothing (--set verifies=no) fail every line about a bad update; devices
-- without a second slot for the new image (--set slots=1) do not survive a power cut while they
-- install.

scenario { title = "A stolen update service offers bad firmware", provision = "5.3-9" }

params {
    {
        name = "devices", kind = "count", default = 100, minimum = 1, maximum = 100000,
        help = "thermostats, each in a home of its own",
    },
    {
        name = "size", kind = "count", default = "64k", minimum = 2, maximum = 1048576,
        help = "bytes of a firmware image",
    },
    {
        name = "verifies", kind = "boolean", default = true,
        help = "devices check what they install",
    },
    {
        name = "slots", kind = "count", default = 2, minimum = 1, maximum = 2,
        help = "with 1, devices write the new image over the one that runs",
    },
    {
        name = "protocol", kind = "choice", default = "coap",
        choices = { "coap", "coap-tcp", "mqtt" }, help = "what the thermostats speak",
    },
}

local street
-- of each offer: how many devices kept their version, how many refusals were counted
local story = {}

local attacks = {
    { rogue = "tampered", version = 3, name = "tampered image" },
    { rogue = "truncated", version = 4, name = "truncated image" },
    { rogue = "wrong-key", version = 5, name = "wrong key" },
    { rogue = "altered-manifest", version = 6, name = "altered manifest" },
    { rogue = "wrong-model", version = 7, name = "wrong model" },
    { rogue = "old", version = 8, name = "replayed old version" },
}

-- An image of 64 kB takes 3 s to fetch over these lines, half a second to check and 2 s to write.
local cuts = {
    { version = 9, after = "1s", name = "power cut in a download" },
    { version = 10, after = "4s", name = "power cut in writing" },
}

function setup(p)
    cloud { connections = math.max(20, p.devices // 10) }
    street = fleet.streets {
        homes = p.devices,
        devices = {
            {
                model = "thermostat", updates = true, verifies = p.verifies, slots = p.slots,
                protocol = p.protocol,
                law = law.orderly { devices = p.devices, capacity = math.max(20, p.devices // 10) },
            },
        },
    }
end

local function offer(p, update)
    local failures = fleet.update_failures()
    street:offer_update {
        version = update.version, size = p.size, rogue = update.rogue, trigger = update.name,
    }
    wait "1m"
    wait_online(1.0, { within = "1h" })
    story[update.name] = { runs = fleet.version(2), refused = fleet.update_failures() - failures }
end

local function cut_power_during(p, before, cut)
    street:offer_update { version = cut.version, size = p.size, trigger = cut.name }
    wait(cut.after)
    street:cut_power()
    wait "1m"
    story[cut.name] = { old = fleet.version(before), new = fleet.version(cut.version) }
    street:restore_power()
    wait "3m"
    wait_online(1.0, { within = "10m" })
    wait "1m" -- what was interrupted is fetched again now, and restarts the device
    wait_online(1.0, { within = "10m" })
    story[cut.name].recovered = fleet.version(cut.version)
end

function drill(p)
    wait "5m"
    wait_online(1.0, { within = "1h" })
    offer(p, { rogue = "none", version = 2, name = "valid update" })
    for _, attack in ipairs(attacks) do offer(p, attack) end

    local before = p.verifies and 2 or 1 -- who takes everything took the replayed old version last
    for _, cut in ipairs(cuts) do
        cut_power_during(p, before, cut)
        before = cut.version
    end
end

local function percent(share)
    return string.format("%.4g %% of the devices", 100 * share)
end

function verdict(p)
    expect("valid update", story["valid update"].runs == 1
        and story["valid update"].refused == 0, "All devices installed what the maker signed.",
           percent(story["valid update"].runs) ..
               " installed what the maker signed: without that, refusals prove nothing.")
    for _, attack in ipairs(attacks) do
        local seen = story[attack.name]
        expect(attack.name, seen.runs == 1 and seen.refused == p.devices, "All devices refused " ..
            "it, kept the version that they ran, and counted the event.",
               percent(seen.runs) .. " still run the version that the maker signed, and " ..
                   seen.refused .. " refusals were counted by " .. p.devices .. " devices.")
    end
    for _, cut in ipairs(cuts) do
        local seen = story[cut.name]
        expect(cut.name, seen.old + seen.new == 1 and seen.recovered == 1,
               "When the power failed every device had the old or the new version whole (" ..
                   percent(seen.old) .. " the old one), and all run the new one in the end, " ..
                       "without anybody's help.",
               percent(1 - seen.old - seen.new) ..
                   " had no whole version when the power failed, and " ..
                       percent(seen.recovered) .. " run the new one in the end.")
    end
end
