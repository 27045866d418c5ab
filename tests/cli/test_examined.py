#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each scenario of scenarios/5.10-1 about one kind of misbehaviour passes as it stands, and fails
when nobody examines or when the examiner wants absurd evidence.
"""
# test-timeout: 300
import concurrent.futures
import csv
import json
import os
import unittest

from program import SCENARIOS, CliTest

KINDS = (
    "credential-stuffing",
    "update-signature",
    "clone",
    "exfiltration",
    "botnet-scan",
    "stuck-sensor",
    "out-of-range",
    "slow-drift",
    "silent-device",
    "battery-drain",
)
OFF, ABSURD = ("--set", "examiner=no"), ("--set", "strictness=1000000")
# What is noticed by a device's own past is noticed in a small fleet; a battery is held against
# those of its kind. The soak has the fleets as they stand.
SMALL = () if os.environ.get("WEEK_AND_MORE") else ("--set", "devices=300")
WHOLE = ("battery-drain",)
TWINS = ("update-signature", "clone", "silent-device")  # here; all of them in test_examined_slow.py


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def recall_limit(injected):
    """What `sized` holds a recall against: 0.95, or what the 95 % interval of Wilson (1927) says of
    so few when all of them are found."""
    return min(0.95, injected / (injected + 1.959964**2))


def check_interval(test, folder, kind):
    """The interval decides, and not the value: its lower end is what is within the limit."""
    row = next(row for row in rows_of(folder / "detection.csv") if row["kind"] == kind)
    summary = json.loads((folder / "summary.json").read_text())
    measure = next(
        m for v in summary["verdicts"] for m in v["measures"] if m["name"] == f"recall, {kind}"
    )
    limit = recall_limit(int(row["injected"]))
    test.assertAlmostEqual(measure["threshold"], limit, 5, kind)
    test.assertGreaterEqual(float(row["recall_low"]), limit - 1e-5, kind)
    test.assertLess(float(row["recall_low"]), float(row["recall"]), kind)


@unittest.skipUnless(
    os.environ.get("BUILD_DIR", "release").endswith("release"),
    "virtual days take minutes in other builds",
)
class Examined(CliTest):
    def judge(self, kind, seed, *more):
        """Exit code, the measures of the detection by name, and its sentence."""
        out = f"{kind}-{seed}-{'-'.join(more[1:])}".replace("=", "-")
        arguments = [
            "run",
            str(SCENARIOS / "5.10-1" / f"{kind}.lua"),
            "--seed",
            str(seed),
            "--threads",
            "1",
            "--quiet",
            "--out",
            out,
            *more,
        ]
        process = self.run_program(arguments, timeout=200)
        summary = json.loads((self.folder / out / "summary.json").read_text())
        verdict = next(v for v in summary["verdicts"] if v["unit"] == "5.10-1 detection")
        return (
            process.returncode,
            {m["name"]: m["value"] for m in verdict["measures"]},
            verdict["sentence"],
            self.folder / out,
        )

    def judge_all(self, orders):
        with concurrent.futures.ThreadPoolExecutor(2) as crew:
            jobs = [(order, crew.submit(self.judge, *order)) for order in orders]
            for order, job in jobs:
                with self.subTest(order=order):
                    yield order, job.result()

    def check_found(self, seeds):
        for (kind, seed, *_), (code, measures, sentence, folder) in self.judge_all(
            [(kind, seed, *(() if kind in WHOLE else SMALL)) for seed in seeds for kind in KINDS]
        ):
            self.assertEqual(code, 0, f"{kind}, seed {seed}: {sentence}")
            self.assertGreaterEqual(measures[f"recall, {kind}"], 0.95)
            rows = rows_of(folder / "detection.csv")
            self.assertEqual(rows[-1]["kind"], "all")
            self.assertEqual(
                float(next(row for row in rows if row["kind"] == kind)["recall"]),
                measures[f"recall, {kind}"],
            )
            check_interval(self, folder, kind)

    def check_twins(self, kinds):
        for (kind, _, *more), (code, measures, sentence, folder) in self.judge_all(
            [(kind, 1, *twin, *SMALL) for kind in kinds for twin in (OFF, ABSURD)]
        ):
            more = more[:2]
            self.assertEqual(code, 1, f"{kind} {more}: {sentence}")
            self.assertEqual(measures[f"recall, {kind}"], 0, f"{kind} {more}")
            self.assertEqual("Nobody examined" in sentence, tuple(more) == OFF)
            self.assertEqual((folder / "detection.csv").exists(), tuple(more) == ABSURD)

    def test_ten_kinds_are_found(self):
        self.check_found([1])

    def test_who_does_not_look_fails(self):
        self.check_twins(TWINS)

    def test_a_sweep_over_strength(self):
        scenario = str(SCENARIOS / "5.10-1" / "exfiltration.lua")
        process = self.run_program(
            [
                "sweep",
                scenario,
                "--vary",
                "strength=0,1",
                "--set",
                "devices=200",
                "--seeds",
                "2",
                "--column",
                "recall, exfiltration",
                "--out",
                "o",
            ],
            timeout=200,
        )
        self.assertIn(process.returncode, (0, 1), process.err)
        rows = rows_of(self.folder / "o" / "sweep.csv")
        column = next(name for name in rows[0] if name.startswith("recall, exfiltration"))
        found = {}
        for row in rows:
            found.setdefault(row["strength"], set()).add(float(row[column]))
        self.assertEqual(found, {"0": {0.0}, "1": {1.0}})


if __name__ == "__main__":
    unittest.main(verbosity=2)
