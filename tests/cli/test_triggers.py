#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""Each class of trigger as a scenario of its own: the orderly law comes back from all of them, and
what science says of the others. The trigger matters more than the law.
"""
import concurrent.futures
import json
import sys
import unittest

import program

ALL = (
    "accept-then-close",
    "broker-restart",
    "hub-restart",
    "metastable",
    "refuse-busy",
    "wan-black-hole",
)
SMALL = ["homes=100"]  # 400 devices
METASTABLE = {"goodput at the end": 0, "back online": (0, 0.1, 400)}
NO_GROWTH = {"growth of pauses": (0, 1.29, None), "attempts per device": (5, 500, 400)}
ALL_BACK = {"back online": (1, 400)}
AT_ONCE = {"busiest second": 400}
IN_PART = {"busiest second": 40}
LATE = {"back online": (1, 400), "attempts per success": (1, 100, None)}
PASS, FAIL = 0, 1

# scenario, law, more parameters, exit code, what is measured
TABLE = (
    # One outage, two laws, five answers: a fixed pause keeps the phases apart that it found, and
    # has none to keep where all begin together.
    ("wan-black-hole", "fixed", [], PASS, {"busiest second": 63}),
    ("broker-restart", "fixed", [], FAIL, AT_ONCE),
    ("hub-restart", "fixed", [], FAIL, IN_PART),
    ("refuse-busy", "fixed", [], FAIL, AT_ONCE),
    ("wan-black-hole", "herd-on-the-hour", [], FAIL, AT_ONCE),
    ("wan-black-hole", "gateway-67s", [], PASS, ALL_BACK),
    # Jitter comes too late for the first second.
    ("broker-restart", "full-jitter", [], FAIL, AT_ONCE),
    ("broker-restart", "exponential", [], FAIL, AT_ONCE),
    ("hub-restart", "aws-crt", [], FAIL, IN_PART),
    ("refuse-busy", "full-jitter", [], FAIL, AT_ONCE),
    # A silent restart is found out one by one.
    ("broker-restart", "orderly", ["how=silent"], PASS, ALL_BACK),
    ("broker-restart", "fixed", ["how=silent", "capacity=100"], PASS, ALL_BACK),
    ("broker-restart", "fixed", ["how=close", "capacity=100"], FAIL, AT_ONCE),
    # Every connection a success: only who counts what lasts goes on backing off.
    ("accept-then-close", "orderly", ["reset_after=0s"], FAIL, NO_GROWTH),
    ("accept-then-close", "reset-on-connect", ["lasts=10m"], FAIL, NO_GROWTH),
    ("accept-then-close", "paho-c", ["lasts=10m"], FAIL, NO_GROWTH),
    # Refusing costs: a herd that does not slow down keeps the cloud down, one that does gets in,
    # and for nothing nobody is kept out.
    ("metastable", "fixed", [], FAIL, METASTABLE),
    ("metastable", "gateway-67s", [], FAIL, {"back online": (0, 0.9, 400)}),
    ("metastable", "full-jitter", [], FAIL, LATE),
    ("metastable", "fixed", ["overload_cost=0"], FAIL, LATE),
)


class Triggers(program.CliTest):
    def judge(self, number, scenario, law, parameters):
        sets = [word for p in SMALL + [f"law={law}"] + parameters for word in ("--set", p)]
        path = program.SCENARIOS / "5.9-3" / f"{scenario}.lua"
        process = program.start(
            ["run", str(path), "--quiet", "--out", f"r{number}", *sets], self.folder
        )
        _, trouble = process.communicate()
        summary = json.loads((self.folder / f"r{number}" / "summary.json").read_text())
        verdict = next(v for v in summary["verdicts"] if v["unit"] == "5.9-3-2 a")
        return process.returncode, verdict, trouble

    def judge_all(self, rows):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(self.judge, i, *row[:3]) for i, row in enumerate(rows)]
            for row, run in zip(rows, runs):
                scenario, law, parameters, code, wanted = row
                with self.subTest(scenario=scenario, law=law, parameters=parameters):
                    got, verdict, trouble = run.result()
                    self.assertEqual(got, code, trouble or verdict["sentence"])
                    self.assertEqual(verdict["verdict"], "PASS" if code == PASS else "FAIL")
                    self.expect_measures(verdict, wanted)

    def test_the_orderly_law_comes_back_from_all(self):
        self.judge_all([(scenario, "orderly", [], PASS, ALL_BACK) for scenario in ALL])

    def test_the_trigger_matters_more_than_the_law(self):
        self.judge_all(TABLE)

    def test_a_metastable_failure_is_the_cost_and_not_the_law(self):
        _, costly, _ = self.judge(0, "metastable", "fixed", [])
        _, free, _ = self.judge(1, "metastable", "fixed", ["overload_cost=0"])
        self.expect_measures(costly, METASTABLE)
        self.expect_measures(free, ALL_BACK)

    def test_bad_parameters(self):
        for scenario, parameter, words in (
            ("broker-restart", "how=loud", "how takes one of close, silent"),
            ("metastable", "overload_cost=2", "overload_cost takes a fraction"),
            ("accept-then-close", "close_after=1", "close_after takes a duration"),
            ("hub-restart", "law=orderley", "did you mean 'orderly'"),
        ):
            path = str(program.SCENARIOS / "5.9-3" / f"{scenario}.lua")
            process = program.start(["run", path, "--quiet", "--set", parameter], self.folder)
            _, trouble = process.communicate()
            self.assertEqual(process.returncode, 4, trouble)
            self.assertIn(words, trouble)


if __name__ == "__main__":
    sys.exit(unittest.main())
