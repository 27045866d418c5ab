#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of outages: what is taken from homes, how long, and in the middle of what. What its
maker declares passes everywhere; each device that does one thing wrong fails for that thing.

test-cost: 25
"""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import system  # noqa: E402

WHAT = ("network", "power", "service")
# Of a bad twin: what is taken for it to show, and the units that fail.
TWINS = {
    "cloud-dependent": ("network", {"5.9-2-2 a"}),
    "asks-leave": ("network", {"5.9-2-2 a"}),
    "drops-samples": ("network", {"5.9-1-2 a"}),
    "stale-session": ("network", {"5.9-1-2 a", "nobody stays away"}),
    "forgets-users": ("power", {"5.9-2-2 b"}),
    "restores-default": ("power", {"5.9-2-2 b"}),
    "wants-pairing": ("power", {"5.9-1-2 b", "5.9-2-2 b", "nobody stays away"}),
}


class Outages(system.SystemTest):
    def judged(self, scenario, code, **sets):
        """What fails, and the findings by unit."""
        folder = "-".join(sets.values())
        words = [word for name, value in sets.items() for word in ("--set", f"{name}={value}")]
        path = str(system.SCENARIOS / (scenario + ".lua"))
        process = self.run_program(
            ["run", path, "--out", folder, "--quiet", "--repeatable", *words]
        )
        self.assertEqual(process.returncode, code, process.out + process.err)
        found = {v["unit"]: v for v in self.results(folder)["verdicts"]}
        return {unit for unit, v in found.items() if v["verdict"] != "PASS"}, found

    @system.enough_in_release
    def test_as_declared(self):
        for what in WHAT:
            for how in ("short", "long", "flapping"):
                with self.subTest(what=what, how=how):
                    failed, found = self.judged("5.9-1/outages", 0, what=what, how=how)
                    self.assertEqual(failed, set())
                    lost = {"power": "5.9-1-2 b"}.get(what, "5.9-1-2 a")
                    self.assertIn(lost, found)

    @system.enough_in_release
    def test_each_bad_twin_for_its_own_reason(self):
        for device, (what, wanted) in TWINS.items():
            with self.subTest(device=device):
                failed, _ = self.judged("5.9-1/outages", 1, what=what, device=device)
                self.assertEqual(failed, wanted)

    def test_who_stays_away_does_so_for_days(self):
        _, found = self.judged("5.9-1/outages", 1, device="stale-session")
        measures = {m["name"]: m["value"] for m in found["5.9-1-2 a"]["measures"]}
        self.assertLess(measures["came back by themselves"], 0.9)

    def test_interrupted(self):
        for what in WHAT:
            for amid in system.some(("write", "reset", "update")):
                with self.subTest(what=what, amid=amid):
                    failed, _ = self.judged("5.9-2/interrupted", 0, what=what, amid=amid)
                    self.assertEqual(failed, set())

    def test_a_flash_without_a_journal(self):
        failed, _ = self.judged("5.9-2/interrupted", 1, device="no-journal")
        self.assertLessEqual({"5.9-1-2 b", "5.9-2-2 b"}, failed)
        self.assertEqual(
            self.judged("5.9-2/interrupted", 0, what="network", device="no-journal")[0], set()
        )

    def test_an_image_over_the_one_that_runs(self):
        failed, _ = self.judged("5.9-2/interrupted", 1, amid="update", device="one-slot")
        self.assertEqual(failed, {"everybody is back", "the new version at last"})
        self.assertEqual(
            self.judged("5.9-2/interrupted", 0, amid="update", what="network", device="one-slot")[
                0
            ],
            set(),
        )


if __name__ == "__main__":
    unittest.main(verbosity=2)
