#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Homes whose hub, mast, mains, servers or provider fail: each mistake fails for its own reason."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import system  # noqa: E402


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
        chain = "boot_chain_time/boot_chain_dns"
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

    @system.enough_in_release
    def test_any_number_of_threads(self):
        for scenario in ("hub-loss", "regional-blackout"):
            one, _ = self.verdicts(scenario, 0, threads="1")
            many, _ = self.verdicts(scenario, 0, threads="7")
            self.assertEqual(one["fingerprint"], many["fingerprint"])


if __name__ == "__main__":
    unittest.main()
