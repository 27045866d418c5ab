#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Homes whose hub, mast, mains, servers or provider fail: each mistake fails for its own reason."""
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import system  # noqa: E402


# A home laid out by hand, whose hub is lost by name, and a town that the seed draws.
BY_HAND = """
scenario { title = "A home by hand, and a town" }
params { { name = "lost", kind = "text", default = "hall" } }
local town, before, during
function setup(p)
    local again = law.full_jitter { window = "1m" }
    model {
        name = "cellar", based_on = "flood-sensor", power = "mains", law = again,
        telemetry = { { name = "pressure", unit = "Pa", low = 98000, high = 102000 } },
    }
    power_zone { name = "feed 1" }
    home {
        name = "number 7", isp = "north net", feed = "feed 1", uplink = { latency = "20ms" },
        devices = {
            { name = "hall", model = "gateway", law = again },
            {
                name = "front door", model = "smart-lock", hub = "hall", law = again,
                report_every = "2m",
            },
            {
                name = "back door", model = "smart-lock", hub = "gateway", law = again,
                report_every = "2m",
            },
            { name = "roof", model = "weather-sensor", over = "mobile", law = again },
            { name = "lamp", model = "bulb", law = again },
            { model = "cellar" },
        },
    }
    town = fleet.town {
        name = "north", homes = 200,
        kinds = {
            { share = "60%", name = "flats", devices = { { model = "bulb", law = again } } },
            { share = "40%", devices = { { model = "bulb", law = again, per_home = 3 } } },
        },
    }
end
function drill(p)
    wait "20m"
    say(town:count())
    before = fleet.online()
    substation:named(p.lost):cut_power()
    wait "10m"
    during = fleet.online()
    substation:named(p.lost):restore_power()
    wait "20m"
end
function verdict()
    threshold("devices_online", ">0")
    expect("lost", { value = before - during, at_least = 0, unit = "devices" }, "Lost.")
    expect("back", fleet.online() == before, "All are back.", "Some are not back.")
end
"""
# Three of four homes are flats, with lamps by Poisson's law and mostly a television.
TOWN = """
scenario { title = "A town that says what was drawn", duration = "1m" }
function setup()
    local again = law.fixed()
    fleet.town {
        homes = 200,
        kinds = {
            {
                share = "75%", name = "flats", start_over = "366d",
                devices = {
                    { model = "bulb", law = again, per_home = { mean = 2 } },
                    { model = "tv", law = again, per_home = { shares = { "20%", "80%" } } },
                },
            },
            { share = "25%", start_over = "366d", devices = { { model = "bulb", law = again } } },
        },
    }
end
"""
# Two days of thermostats in houses, with an outage and its back-fill, and somebody who looks.
EXAMINED = """
scenario { title = "Examined households" }
local homes
function setup()
    examiner {}
    homes = fleet.streets {
        homes = 60, per_street = 60, start_over = "10m",
        devices = {
            {
                model = "thermostat", metrics = true, household = true, report_every = "10m",
                power = "mains", law = law.full_jitter { window = "5m" },
            },
        },
    }
end
function drill()
    wait "30h"
    homes:cut_network()
    wait "2h"
    homes:restore_network()
    wait "6h"
    homes:devices():inject { kind = "exfiltration", lasting = "4h", strength = 3, devices = 5 }
    wait "8h"
end
function verdict() judge.examined { sized = true } end
"""


class Homes(system.SystemTest):
    def verdicts(self, scenario, code, *sets, threads="2", homes=40):
        folder = "-".join((scenario, threads, *sets)).replace("=", "-")
        words = [word for one in (f"homes={homes}", *sets) for word in ("--set", one)]
        path = str(system.SCENARIOS / "5.9-2" / (scenario + ".lua"))
        process = self.run_program(
            ["run", path, "--out", folder, "--quiet", "--repeatable", "--threads", threads, *words]
        )
        self.assertEqual(process.returncode, code, process.err)
        results = self.results(folder)
        return results, {v["unit"]: v["verdict"] for v in results["verdicts"]}

    def only(self, verdicts, failed):
        """All but these pass."""
        self.assertEqual({unit for unit, v in verdicts.items() if v == "FAIL"}, failed, verdicts)

    def test_a_hub_is_lost(self):
        results, verdicts = self.verdicts("hub-loss", 0)
        self.only(verdicts, set())
        struck = dict(zip(results["triggers"], results["trigger_devices"]))["hub is back"]
        self.assertEqual(struck, 40 * 5)  # the hub and its four children, in each home
        self.only(self.verdicts("hub-loss", 1, "law=fixed", "capacity=6")[1], {"5.9-3-2 a"})
        self.only(self.verdicts("hub-loss", 1, "hub=for-all")[1], {"others notice nothing"})

    def test_a_regional_blackout(self):
        chain = "boot chain"
        results, verdicts = self.verdicts("regional-blackout", 0)
        self.only(verdicts, set())
        asked = {m: results["metrics"]["boot_chain_" + m]["value"] for m in ("dhcp", "dns", "time")}
        self.assertGreater(asked["dns"], asked["time"])
        self.only(self.verdicts("regional-blackout", 1, "chain=impatient")[1], {chain})
        self.only(self.verdicts("regional-blackout", 1, "backup=0s")[1], {"batteries"})

    @system.enough_in_release
    def test_a_provider_fails(self):
        results, verdicts = self.verdicts("isp-outage", 0, "outage=40m", homes=8)
        self.only(verdicts, set())
        right = results["metrics"]["local_right_bulb_during"]["value"]
        self.assertEqual(right, 1)
        for device, failed in (
            ("cloud-dependent", {"5.9-2-2 a"}),
            ("asks-leave", {"5.9-2-2 a"}),
            ("drops-samples", {"5.9-1-2 a"}),
        ):
            found = self.verdicts("isp-outage", 1, "outage=40m", "device=" + device, homes=8)[1]
            self.only(found, failed)

    def by_hand(self, *words):
        path = self.write("by-hand.lua", BY_HAND)
        process = self.run_program(["run", path, "--out", "h", "--quiet", *words])
        self.assertEqual(process.returncode, 0, process.err)
        results = self.results("h")
        lost = [v for v in results["verdicts"] if v["unit"] == "lost"][0]
        return results, lost["measures"][0]["value"]

    def test_a_home_by_hand_and_a_town(self):
        """The hub by name takes its two children along, whether they name it or its model; a door
        by name is one device. How many flats and houses the town has the seed draws."""
        results, lost = self.by_hand()
        self.assertEqual(lost, 3)
        self.assertEqual(self.by_hand("--set", "lost=lamp")[1], 1)
        houses = results["devices"] - 6 - 200  # two more bulbs in each
        self.assertTrue(2 * 60 <= houses <= 2 * 100, houses)
        others = self.by_hand("--seed", "2")[0]
        self.assertNotEqual(results["devices"], others["devices"])

    def test_households_are_examined(self):
        """What is delivered after an outage, four samples at a time, alarms nobody; what is done
        to five of them does."""
        path = self.write("examined.lua", EXAMINED)
        process = self.run_program(["run", path, "--out", "e", "--quiet"])
        self.assertEqual(process.returncode, 0, process.err)
        alarms = (self.folder / "e" / "alarms.csv").read_text(encoding="utf-8").splitlines()[1:]
        self.assertGreaterEqual(sum("exfiltration" in line for line in alarms), 5)
        early = [line for line in alarms if float(line.split(",")[0]) < 38 * 3600]
        self.assertEqual(early, [])

    def test_a_service_that_is_not_the_makers(self):
        """Its outage is seen and counted apart, and each mistake fails for its own reason."""
        apart = "non-associated service"
        results, verdicts = self.verdicts("non-associated", 0, homes=12)
        self.only(verdicts, set())
        self.assertEqual(results["attempts"], 12 * 4)  # of the start: nobody else came
        metrics = {name: m["value"] for name, m in results["metrics"].items() if "value" in m}
        self.assertEqual(metrics["non_associated_online"], 12 * 2)
        self.assertEqual(metrics["non_associated_lost"], 12 * 2)
        self.assertGreater(metrics["non_associated_attempts"], 10 * 12 * 2)
        for device, measure in (
            ("other-dependent", "right answers while it was gone"),
            ("drops-both", "came to the makers' cloud for it"),
        ):
            found, verdicts = self.verdicts("non-associated", 1, "device=" + device, homes=12)
            self.only(verdicts, {apart})
            broken = [m["name"] for m in found["verdicts"][0]["measures"] if not m["holds"]]
            self.assertEqual(broken, [measure])

    def test_a_capture_has_it_at_an_address_of_its_own(self):
        """Who reads the port of the other service judges somebody else's attempts; also where the
        makers' cloud speaks what the other one does."""
        path = str(system.SCENARIOS / "5.9-2" / "non-associated.lua")
        for protocol, own in (("coap", "5684"), ("mqtt", "8883")):
            words = ["--set", "homes=12", "--set", "protocol=" + protocol, "--out", "run"]
            process = self.run_program(["run", path, *words, "--quiet", "--pcap", "edge.pcap"])
            self.assertEqual(process.returncode, 0, process.err)
            seen = {}
            for port in (own, "8884"):
                self.run_program(["judge", "edge.pcap", "--port", port, "--out", port])
                seen[port] = self.results(port)["attempts"]
            self.assertEqual(seen[own], self.results("run")["attempts"])
            self.assertGreater(seen["8884"], 10 * 12 * 2)

    def test_a_town_says_what_was_drawn(self):
        path = self.write("town.lua", TOWN)
        process = self.run_program(["run", path, "--out", "t", "--quiet"])
        self.assertEqual(process.returncode, 0, process.err)
        results = self.results("t")
        story = [line["text"] for line in results["story"]]
        drawn = {}
        for line in story:
            found = re.search(r"(\S+) in each home: declared .*drawn (\d+) in (\d+) homes", line)
            if found:
                drawn[found[1]] = int(found[2]) / int(found[3])
        self.assertAlmostEqual(drawn["bulb"], 2, delta=0.4)
        self.assertAlmostEqual(drawn["tv"], 0.8, delta=0.15)
        self.assertIn("declared 25 % of the homes, drawn", " ".join(story))
        flats = int(re.search(r"town flats: declared 75 % of the homes, drawn (\d+)", story[0])[1])
        devices = round((drawn["bulb"] + drawn["tv"]) * flats) + 200 - flats
        self.assertEqual(results["devices"], devices)

    def test_randomness_at_boot(self):
        path = str(system.SCENARIOS / "5.9-3" / "two-boots.lua")
        again, among = "same pauses after both boots", "same pauses as another device"
        for source, code, wanted in (
            ("hardware", 0, []),
            ("serial-mixed", 0, []),
            ("boot-time", 1, [among]),
            ("constant", 1, [again, among]),
        ):
            words = ["--set", "homes=30", "--set", "randomness=" + source, "--out", source]
            process = self.run_program(["run", path, "--quiet", *words])
            self.assertEqual(process.returncode, code, process.err)
            measures = self.results(source)["verdicts"][0]["measures"]
            self.assertEqual([m["name"] for m in measures if not m["holds"]], wanted)

    @system.enough_in_release
    def test_any_number_of_threads(self):
        for scenario in ("hub-loss", "regional-blackout"):
            one, _ = self.verdicts(scenario, 0, threads="1")
            many, _ = self.verdicts(scenario, 0, threads="7")
            self.assertEqual(one["fingerprint"], many["fingerprint"])


if __name__ == "__main__":
    unittest.main()
