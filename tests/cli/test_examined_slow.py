#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The week with ten kinds of misbehaviour, held against what is asked of the examiner. Prints the
table. Here with a quarter of the devices; tests/soak/a_week.sh has all 10,000, and the small
scenarios over more seeds with all their bad twins (WEEK_DEVICES, WEEK_AND_MORE).
"""
# test-labels: slow
# test-cost: 90
# test-timeout: 2400
import json
import os
import unittest

import test_examined
from program import SCENARIOS, CliTest

SHOWN_BY_RATES = (
    "credential-stuffing",
    "update-signature",
    "exfiltration",
    "botnet-scan",
    "silent-device",
    "battery-drain",
)
SEED = 101  # none that the examiner was made with
DEVICES = int(os.environ.get("WEEK_DEVICES", "2500"))
# Evidence of a roll-out grows with its fleet: fewer than half of the devices do not show refused
# updates within the quarter of an hour that is claimed, and that alone fails them.
UPDATES = "delay, update failures"
CLAIMED = DEVICES >= 5000


@unittest.skipUnless(
    os.environ.get("BUILD_DIR", "release").endswith("release"),
    "a virtual week takes an hour in other builds",
)
class Week(CliTest):
    def test_a_week(self):
        week = str(SCENARIOS / "5.10-1" / "a-week.lua")
        process = self.run_program(
            [
                "run",
                week,
                "--seed",
                str(SEED),
                "--set",
                f"devices={DEVICES}",
                "--quiet",
                "--out",
                "o",
            ],
            timeout=1500,
        )
        print((self.folder / "o" / "detection.csv").read_text())
        self.assertEqual(process.returncode, 0 if CLAIMED else 1, process.err)
        rows = {
            row["kind"]: row for row in test_examined.rows_of(self.folder / "o" / "detection.csv")
        }
        for kind in SHOWN_BY_RATES:
            self.assertGreaterEqual(float(rows[kind]["recall"]), 0.95, kind)
            test_examined.check_interval(self, self.folder / "o", kind)
        summary = json.loads((self.folder / "o" / "summary.json").read_text())
        self.assertGreaterEqual(summary["devices"], DEVICES - 12)
        self.assertEqual(summary["duration_s"], 7 * 86400)
        verdict = next(v for v in summary["verdicts"] if v["unit"] == "5.10-1 detection")
        measures = {m["name"]: m["value"] for m in verdict["measures"]}
        broken = [m["name"] for m in verdict["measures"] if not m["holds"]]
        self.assertEqual(broken, [] if CLAIMED else [UPDATES])
        self.assertLessEqual(measures["false alarms per device-day"], 0.001)
        self.assertEqual(
            measures["false alarms after a trigger"], 0, "the wave after the power cut is no attack"
        )
        self.assertLessEqual(measures["delay, failed logins"], 600)
        self.assertLessEqual(measures[UPDATES], 900 if CLAIMED else 1440)


@unittest.skipUnless(os.environ.get("WEEK_AND_MORE"), "takes minutes: a part of the soak tests")
class More(test_examined.Examined):
    test_ten_kinds_are_found = None  # in test_examined.py
    test_a_sweep_over_strength = None

    def test_more_seeds(self):
        self.check_found([1, 2, 3, 4, 5])

    def test_who_does_not_look_fails(self):
        self.check_twins(test_examined.KINDS)


def load_tests(loader, _, __):
    return unittest.TestSuite(loader.loadTestsFromTestCase(case) for case in (Week, More))


if __name__ == "__main__":
    unittest.main(verbosity=2)
