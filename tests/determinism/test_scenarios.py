#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-timeout: 900
"""Every scenario of scenarios/: the same seed gives the same bytes in every file of the results, twice and with 1, 2 and 7 threads, over at
least eight streets; another seed or another parameter does not."""
import concurrent.futures
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import system  # noqa: E402

# Parameters that make a scenario quick and yet large enough for eight streets (of 250 homes), and another parameter that must change
# the results. A scenario that is not here runs with its defaults.
SMALL = {
    "5.3/update-authenticity.lua": (["devices=2000", "size=2000"], "size=4000"),
    "5.9-3/accept-then-close.lua": (["homes=2000", "devices_per_home=1", "lasts=10m"], "close_after=2s"),
    "5.9-3/broker-restart.lua": (["homes=2000", "devices_per_home=1"], "down=20s"),
    "5.9-3/declaration.lua": (["observed=2000"], "observed=2250"),
    "5.9-3/hub-restart.lua": (["homes=2000", "devices_per_home=1"], "off=20s"),
    "5.9-3/metastable.lua": (["homes=2000", "devices_per_home=1"], "down=20s"),
    "5.9-3/refuse-busy.lua": (["homes=2000", "devices_per_home=1"], "max_age=3m"),
    "5.9-3/wan-black-hole.lua": (["homes=2000", "devices_per_home=1", "outage=5m"], "outage=6m"),
    "5.9-3/update-wave.lua": (["devices=2000"], "size=64000"),
    "5.9-3/power-restore-street.lua": (["homes=2000", "devices_per_home=1", "outage=10m"], "outage=11m"),
    "laws/contended-value.lua": (["devices=250", "streets=8", "limit=10s"], "devices=251"),
    **{f"5.10-1/{kind}.lua": (["devices=2000", "days=0.15", "report_every=20m"], "devices=2100")
       for kind in ("battery-drain", "botnet-scan", "clone", "credential-stuffing", "exfiltration", "out-of-range", "silent-device",
                    "slow-drift", "stuck-sensor", "update-signature")},
    "5.10-1/a-week.lua": (["devices=8004", "days=0.1"], "devices=8400"),
    "steady.lua": (["devices=2000", "duration=20s", "period=5s"], "period=6s"),
}
# Alike but for the kind of misbehaviour: two of them are looked at from all sides, of the others it is enough that seven threads give what one gives.
BRIEF = {f"5.10-1/{kind}.lua" for kind in ("battery-drain", "botnet-scan", "credential-stuffing", "out-of-range", "silent-device", "slow-drift",
                                           "stuck-sensor", "update-signature")}
HOMES = 8 * 250
THREADS = {"first": 1, "second": 1, "two": 2, "seven": 7}


def files_of(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def without_machine(files):
    """The results without the lines of what the machine adds, and how many these were in summary.json."""
    kept = {name: [line for line in content.split(b"\n") if b'"machine":' not in line] for name, content in files.items()}
    cut = files["summary.json"].count(b"\n") + 1 - len(kept["summary.json"])
    return {name: b"\n".join(lines) for name, lines in kept.items()}, cut


class Determinism(system.SystemTest):
    def run_as(self, scenario, name, parameters, *more):
        sets = [word for parameter in parameters for word in ("--set", parameter)]
        process = self.run_program(["run", str(system.SCENARIOS / scenario), "--out", name, "--quiet", *sets, *more])
        self.assertIn(process.returncode, (0, 1, 5), process.err)
        self.results(name)
        return files_of(self.folder / name)

    def run_all(self, scenario, parameters, other):
        plans = {name: (parameters, "--repeatable", "--threads", str(n)) for name, n in THREADS.items()}
        plans["other seed"] = (parameters, "--repeatable", "--seed", "2")
        plans["plain"] = (parameters,)
        plans["plain again"] = (parameters, "--threads", "3")
        if other is not None:
            changed = other.split("=")[0]
            kept = [p for p in parameters if p.split("=")[0] != changed]
            plans["other parameter"] = (kept + [other], "--repeatable")
        if scenario in BRIEF:
            plans = {name: plan for name, plan in plans.items() if name in ("first", "seven", "other seed")}
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = {name: pool.submit(self.run_as, scenario, name, *plan) for name, plan in plans.items()}
            return {name: run.result() for name, run in runs.items()}

    def check(self, scenario):
        parameters, other = SMALL.get(scenario, ([], None))
        runs = self.run_all(scenario, parameters, other)
        for name in THREADS.keys() & runs.keys():
            for file, content in runs["first"].items():
                self.assertTrue(runs[name].get(file) == content, f"{scenario}: {name}: {file}")
            self.assertEqual(set(runs[name]), set(runs["first"]), f"{scenario}: {name}")
        self.assertGreaterEqual(json.loads(runs["first"]["summary.json"])["homes"], HOMES, f"{scenario}: too small to have eight streets")
        self.assertGreaterEqual(set(runs["first"]), {"summary.json", "attempts.csv", "series.csv"})
        if "plain" in runs:
            self.assertTrue(runs["plain"] != runs["first"], "without --repeatable something about the machine is there")
        for name in {"plain", "plain again"} & runs.keys():
            plain, cut = without_machine(runs[name])
            self.assertEqual(cut, 1)
            self.assertTrue(plain == without_machine(runs["plain"])[0], name)
        for name in ("other seed", "other parameter"):
            if name not in runs:
                continue
            for file in ("attempts.csv", "series.csv"):
                self.assertTrue(runs[name][file] != runs["first"][file], f"{scenario}: {name}: {file}")
            self.assertNotEqual(fingerprint(runs[name]), fingerprint(runs["first"]), f"{scenario}: {name}")

    def test_all_scenarios(self):
        scenarios = sorted(str(path.relative_to(system.SCENARIOS)) for path in system.SCENARIOS.rglob("*.lua"))
        self.assertGreaterEqual(set(scenarios), set(SMALL), "the table names scenarios that are not there")
        for scenario in scenarios:
            with self.subTest(scenario=scenario):
                self.check(scenario)


def fingerprint(files):
    return json.loads(files["summary.json"])["fingerprint"]


if __name__ == "__main__":
    unittest.main(verbosity=2)
