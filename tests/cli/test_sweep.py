#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-cost: 41
"""`blackstart sweep`: the grid, its results, the cheapest setting or none, the same bytes whatever
finishes first, nothing left behind.
"""
import csv
import glob
import json
import os
import pathlib
import shutil
import signal
import stat
import time
import unittest
from xml.etree import ElementTree

import jsonschema

from program import CALM, SOURCE, STREET, CliTest, enough_in_release, some, start, tree

SCHEMA = json.loads((SOURCE / "docs" / "schema" / "sweep.schema.json").read_text())
SMALL = ["--set", "homes=15"]  # 60 devices

# A check of our own instead of the wave: passes from 5 devices on, and says so at once.
OWN = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario { title = "A check of our own" }
params { { name = "n", kind = "count", default = 1 }, { name = "duration", kind = "duration", default = "1s" } }
function setup(p)
    fleet.devices { model = "thermostat", count = p.n, law = law.fixed { base = "1s" }, report_every = "1h" }
end
function drill(p) wait(p.duration) end
function verdict(p)
    if p.n == 13 then error("thirteen") end
    expect("enough", p.n >= 5, "There are enough.")
end
"""

SWEEP = [
    "sweep",
    STREET,
    *SMALL,
    "--vary",
    "law=orderly,fixed",
    "--vary",
    "capacity=5..80/3",
    "--seeds",
    "3",
]

REFUSED = [
    ([], r"no scenario given \(blackstart sweep\): .*"),
    ([STREET], r"nothing to vary \(blackstart sweep\): add --vary NAME=VALUES; .*"),
    ([STREET, "x.lua"], r"x\.lua is one word too many \(blackstart sweep\): .*"),
    (
        [STREET, "--vary", "law"],
        r"no value for the parameter law \(--vary\): write --vary NAME=VALUE",
    ),
    ([STREET, "--vary", "=a"], r"no parameter's name: =a \(--vary\): .*"),
    ([STREET, "--vary", "law="], r"a value of law is empty \(--vary\): .*"),
    (
        [STREET, "--vary", "law=fixed", "--vary", "law=orderly"],
        r"the parameter law is varied twice \(--vary\): vary it once",
    ),
    (
        [STREET, "--vary", "law=fixed", "--set", "law=orderly"],
        r"the parameter law is both set and varied \(--set\): .*",
    ),
    ([STREET, "--vary", "homes=9..1"], r"the range of homes runs backwards \(--vary\): .*"),
    (
        [STREET, "--vary", "homes=1..200:1", "--vary", "capacity=1..200:1"],
        r"more than 10000 runs \(blackstart sweep\): vary less, .*",
    ),
    (
        [STREET, "--vary", "homes=1..100:1", "--seeds", "101"],
        r"more than 10000 runs \(blackstart sweep\): .*",
    ),
    ([STREET, "--vary", "law=fixed", "--seeds", "0"], r"no number of seeds: 0 \(--seeds\): .*"),
    (
        [STREET, "--vary", "law=fixed", "--jobs", "0"],
        r"no number of runs at a time: 0 \(--jobs\): .*",
    ),
    (
        [STREET, "--vary", "law=fixed", "--meet", "peak"],
        r"no target: peak \(--meet\): write pass, MEASURE<=VALUE .*",
    ),
    ([STREET, "--vary", "law=fixed", "--meet", "peak<5"], r"no target: peak<5 \(--meet\): .*"),
    (
        [STREET, "--vary", "law=fixed", "--meet", "peak<=many"],
        r"no target: peak<=many \(--meet\): .*",
    ),
    ([STREET, "--vary", "law=fixed", "--meet", "<=5"], r"no target: <=5 \(--meet\): .*"),
    (
        [STREET, "--vary", "law=fixed", "--column", "a", "--column", "a"],
        r"the column a stands twice \(--column\): .*",
    ),
    (
        [STREET, "--vary", "law=fixed", "--cheapest", "homes"],
        r"homes is not varied \(--cheapest\): .*",
    ),
    (
        [STREET, "--vary", "law=fixed", "--cheapest", "law"],
        r"law has values that are no numbers \(--cheapest\): .*",
    ),
    ([STREET, "--vary", "lwa=fixed"], r"--vary: .*lwa.*did you mean.*law.*"),
    (
        [STREET, "--vary", "capacity=5-10"],
        r"capacity=5-10 is no range \(--vary\): write two dots, as in capacity=5\.\.10",
    ),
    ([STREET, "--vary", "law=fixed,fixxed"], r"--vary law=fixxed: .*"),
    ([STREET, "--vary", "homes=1,x"], r"--vary homes=x: homes takes a count from 1 .*"),
    (["nowhere.lua", "--vary", "law=fixed"], r".*nowhere\.lua.*"),
    ([STREET, "--vary", "law=fixed", "--out", "."], r"\. cannot be a results folder \(--out\): .*"),
    (
        [STREET, "--vary", "law=fixed", "--target", "coap://127.0.0.1"],
        r"unknown option --target \(blackstart sweep\): .*",
    ),
]


def children_of(pid):
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            text = pathlib.Path(path).read_text()
        except OSError:
            continue
        if int(text.rpartition(")")[2].split()[1]) == pid:
            found.append(int(text.split()[0]))
    return found


class Sweep(CliTest):
    def setUp(self):
        super().setUp()
        self.scratch = self.folder / "scratch"
        self.scratch.mkdir()
        os.environ["TMPDIR"] = str(self.scratch)
        self.addCleanup(os.environ.pop, "TMPDIR")

    def sweep(self, arguments, code, pattern="", out="o", **more):
        process = self.run_program([*arguments, "--out", out, "--quiet"], **more)
        self.expect_line(process, code, pattern)
        self.assertEqual(tree(self.scratch), [])
        sweep = json.loads((self.folder / out / "sweep.json").read_text())
        jsonschema.validate(sweep, SCHEMA)
        for point in sweep["points"]:
            self.assertEqual(
                (len(point["values"]), len(point["figures"])),
                (len(sweep["vary"]), len(sweep["columns"])),
            )
            self.assertEqual(point["pass"] + point["fail"] + point["inconclusive"], point["runs"])
        return process, sweep

    def test_refused(self):
        for arguments, pattern in some(REFUSED):
            with self.subTest(arguments=arguments):
                self.expect_refused(["sweep", *arguments], 4, pattern)

    def test_the_same_bytes_however_many_at_a_time(self):
        files = {}
        for jobs in ("1", "3"):
            process, _ = self.sweep([*SWEEP, "--jobs", jobs], 0)
            files[jobs] = [process.out] + [
                (self.folder / "o" / name).read_bytes() for name in ("sweep.csv", "sweep.json")
            ]
            files[jobs].append(tree(self.folder / "o"))
        self.assertEqual(files["1"], files["3"])

    @enough_in_release
    def test_the_figures_are_those_of_the_runs(self):
        _, sweep = self.sweep(SWEEP, 0)
        rows = list(csv.DictReader((self.folder / "o" / "sweep.csv").read_text().splitlines()))
        self.assertEqual(len(rows), 18)
        row = next(r for r in rows if (r["law"], r["capacity"], r["seed"]) == ("fixed", "20", "2"))
        self.run_program(
            [
                "run",
                STREET,
                *SMALL,
                "--set",
                "law=fixed",
                "--set",
                "capacity=20",
                "--seed",
                "2",
                "--quiet",
                "--out",
                "run",
            ]
        )
        verdict = json.loads((self.folder / "run" / "summary.json").read_text())["verdicts"][0]
        self.assertEqual(row["verdict"], verdict["verdict"])
        value = {m["name"]: m["value"] for m in verdict["measures"]}
        for name in ("busiest second", "attempts per device", "time to 95 % online", "back online"):
            self.assertAlmostEqual(float(row[name]), value[name], 9)
        point = next(p for p in sweep["points"] if p["values"] == ["fixed", "20"])
        seen = sorted(
            float(r["busiest second"]) for r in rows if (r["law"], r["capacity"]) == ("fixed", "20")
        )
        self.assertEqual([point["figures"][0][k] for k in ("minimum", "median", "maximum")], seen)
        self.assertEqual((point["runs"], point["drained"]), (3, 3))

    @enough_in_release
    def test_cheapest(self):
        process, sweep = self.sweep(SWEEP, 0)
        self.assertEqual(sweep["vary"][1], {"name": "capacity", "values": ["5", "20", "80"]})
        cheapest = sweep["cheapest"]
        self.assertEqual(sweep["points"][cheapest["point"]]["values"], ["orderly", "5"])
        self.assertRegex(
            cheapest["sentence"],
            r"cheapest setting that meets it: capacity=5 with law=orderly \(3 of 3 runs pass, "
            r"busiest second \d+(\.\.\d+)?\)",
        )
        self.assertIn(cheapest["sentence"], process.out)
        _, sweep = self.sweep([*SWEEP, "--meet", "pass", "--meet", "time to 95 % online<=2m"], 0)
        self.assertEqual(sweep["points"][sweep["cheapest"]["point"]]["values"], ["orderly", "20"])

    @enough_in_release
    def test_none_is_good_enough(self):
        process, sweep = self.sweep(
            [*SWEEP, "--meet", "busiest second<=0"],
            1,
            r"no setting is good enough \(.*\): target busiest second<=0: no setting meets it .*",
        )
        self.assertIsNone(sweep["cheapest"]["point"])
        self.assertIn("no setting meets it", process.out)
        self.sweep(
            ["sweep", STREET, *SMALL, "--vary", "capacity=1,2", "--set", "law=fixed"],
            1,
            r"no setting is good enough .*",
        )
        self.sweep(["sweep", STREET, "--vary", "homes=2,3"], 5, r"inconclusive \(.*\): .*")

    @enough_in_release
    def test_words_have_no_price(self):
        _, sweep = self.sweep(
            ["sweep", STREET, *SMALL, "--set", "capacity=5", "--vary", "law=fixed,orderly"], 0
        )
        self.assertIsNone(sweep["cheapest"]["parameter"])
        self.assertIsNone(sweep["cheapest"]["point"])
        page = (self.folder / "o" / "sweep.html").read_text()
        self.assertNotIn("cheapest that is good enough", page)
        self.assertIn(
            "1 of 2 settings meets it: law=orderly (1 of 1 runs pass", sweep["cheapest"]["sentence"]
        )

    @enough_in_release
    def test_other_verdicts_and_columns(self):
        own = self.write("own.lua", OWN)
        _, sweep = self.sweep(["sweep", own, "--vary", "n=1..9:4"], 0)
        self.assertEqual(sweep["columns"], [])
        self.assertEqual([p["meets"] for p in sweep["points"]], [False, True, True])
        self.assertEqual([p["drained"] for p in sweep["points"]], [None] * 3)
        self.assertEqual(sweep["points"][sweep["cheapest"]["point"]]["values"], ["5"])
        _, sweep = self.sweep(
            [*SWEEP, "--column", "5.9-3-2 a: peak to mean", "--column", "metrics: attempts"], 0
        )
        self.assertEqual(
            sweep["columns"],
            [
                {"name": "5.9-3-2 a: peak to mean", "unit": ""},
                {"name": "metrics: attempts", "unit": ""},
            ],
        )

    @enough_in_release
    def test_a_misspelt_measure_is_wrong_use(self):
        """Whoever asks for it, and on standard error: a pipeline would take "no setting is good
        enough" for a finding. Its twins are the same words spelt right, in test_cheapest.
        """
        for words, pattern in (
            (
                ["--meet", "time to 95% online<=2m"],
                r"the runs have no measure 'time to 95% online' \(--meet; seen with .*\); did you "
                r"mean 'time to 95 % online'\?",
            ),
            (
                ["--column", "busiest secnod"],
                r"the runs have no measure 'busiest secnod' \(--column; .*did you mean 'busiest "
                r"second'\?",
            ),
            (
                ["--column", "wholly else"],
                r"the runs have no measure 'wholly else' \(--column; .*busiest second.*",
            ),
        ):
            with self.subTest(words=words):
                before = tree(self.folder)
                process = self.run_program([*SWEEP, *words, "--jobs", "1", "--quiet", "--out", "o"])
                self.expect_line(process, 4, pattern)
                self.assertEqual(tree(self.folder), before)

    @enough_in_release
    def test_a_measure_that_only_judged_runs_have(self):
        """An inconclusive run lacks it: no mistake. When no run has it, the line says so."""
        _, sweep = self.sweep(
            ["sweep", STREET, "--vary", "homes=2,15", "--column", "busiest second"], 0
        )
        self.assertEqual(sweep["columns"][0]["name"], "busiest second")
        self.sweep(
            ["sweep", STREET, "--vary", "homes=2,3", "--column", "nothing like it"],
            5,
            r"inconclusive \(.*\): every setting has a run that is, and no run has a measure "
            r"'nothing like it'; see o",
        )

    def test_junit(self):
        self.sweep([*SWEEP, "--junit", "sweep.xml"], 0)
        root = ElementTree.parse(self.folder / "sweep.xml").getroot()
        rows = list(csv.DictReader((self.folder / "o" / "sweep.csv").read_text().splitlines()))
        self.assertEqual((len(root), len(root.findall("testsuite/testcase"))), (6, 18))
        self.assertEqual(int(root.get("failures")), sum(row["verdict"] == "FAIL" for row in rows))
        self.assertTrue(all("." not in case.get("classname") for case in root.iter("testcase")))
        self.assertGreater(float(root.get("time")), 0)

    def test_a_run_that_cannot_be_stops_it(self):
        own = self.write("own.lua", OWN)
        before = tree(self.folder)
        process = self.run_program(["sweep", own, "--vary", "n=12..14:1", "--out", "o", "--quiet"])
        self.expect_line(
            process, 4, r".*own\.lua.*thirteen.* \(this stopped the sweep: n=13, seed 1\)"
        )
        self.assertEqual(tree(self.folder), before)

    def test_stopped_in_order(self):
        """Short runs are done before the endless ones are stopped; nothing of them is left, neither
        process nor file.
        """
        calm = self.write("calm.lua", CALM)
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                process = start(
                    [
                        "sweep",
                        calm,
                        "--vary",
                        "duration=1s,2s,3650d",
                        "--seeds",
                        "2",
                        "--jobs",
                        "2",
                        "--quiet",
                        "--out",
                        "o",
                    ],
                    self.folder,
                )
                children, deadline = [], time.monotonic() + 60
                while time.monotonic() < deadline and not {"4", "5"} <= {
                    p.name for s in self.scratch.iterdir() for p in s.iterdir()
                } | {
                    p.name.removesuffix(".partial")
                    for s in self.scratch.iterdir()
                    for p in s.iterdir()
                }:
                    time.sleep(0.02)
                children = children_of(process.pid)
                self.assertEqual(len(children), 2)
                process.send_signal(number)
                process.out, process.err = process.communicate(timeout=30)
                self.expect_line(
                    process,
                    2,
                    r"interrupted \(after 4 of 6 runs\): what was seen until then is in o",
                )
                self.assertEqual(tree(self.scratch), [])
                for child in children:
                    self.assertFalse(os.path.exists(f"/proc/{child}"))
                sweep = json.loads((self.folder / "o" / "sweep.json").read_text())
                self.assertTrue(sweep["interrupted"])
                self.assertEqual([p["runs"] for p in sweep["points"]], [2, 2, 0])
                self.assertEqual([p["meets"] for p in sweep["points"]], [True, True, None])
                page = (self.folder / "o" / "sweep.html").read_text()
                self.assertIn('<td data-column="good enough">not run</td>', page)
                self.assertNotIn("\u2717 no", page)
                self.assertRegex(process.out, r"3650d +0 +not run")
                self.assertEqual(len((self.folder / "o" / "sweep.csv").read_text().splitlines()), 5)
                self.assertIsNone(sweep["cheapest"]["point"])

    def test_the_picture(self):
        """With a stand-in for gnuplot, without one, and with one that fails; what parameters say is
        no command of it.
        """
        tools = self.folder / "tools"
        tools.mkdir()

        def stand_in(text):
            (tools / "gnuplot").write_text(text)
            (tools / "gnuplot").chmod(stat.S_IRWXU)

        arguments = ["sweep", self.write("own.lua", OWN), "--vary", "n=5,6"]
        environment = {**os.environ, "PATH": str(tools)}
        for text, drawn in (
            (None, False),
            ("#!/bin/sh\necho '<svg/>'\nexit 1\n", False),
            ("#!/bin/sh\necho '<svg/>'\n", True),
        ):
            if text is not None:
                stand_in(text)
            process, _ = self.sweep(arguments, 0, env=environment)
            self.assertEqual((self.folder / "o" / "sweep.svg").exists(), drawn)
            self.assertEqual("No sweep.svg: it takes gnuplot" in process.out, not drawn)

    @unittest.skipUnless(shutil.which("gnuplot"), "gnuplot is not installed")
    @enough_in_release
    def test_the_picture_is_one(self):
        for varied in (
            ["--vary", "capacity=5..80/3", "--vary", "law=orderly,fixed"],
            ["--vary", "law=orderly,fixed"],
        ):
            self.sweep(["sweep", STREET, *SMALL, *varied], 0)
            picture = (self.folder / "o" / "sweep.svg").read_text()
            self.assertIn("<svg", picture)
            for word in ("busiest second in attempts/s", "orderly", "time to 95 % online in s"):
                self.assertIn(word, picture)

    def test_folders(self):
        """A result of ours is replaced, whatever made it; what is not ours stays."""
        own = self.write("own.lua", OWN)
        arguments = ["sweep", own, "--vary", "n=5"]
        self.run_program(["run", own, "--set", "n=5", "--quiet", "--out", "o"])
        self.sweep(arguments, 0)
        self.assertEqual(
            set(tree(self.folder / "o")) - {"sweep.svg"}, {"sweep.csv", "sweep.json", "sweep.html"}
        )
        self.expect_line(
            self.run_program(["run", own, "--set", "n=5", "--quiet", "--out", "o"]), 0, ""
        )
        self.assertNotIn("sweep.json", tree(self.folder / "o"))
        self.write("mine/sweep.csv", "not a result")
        self.expect_refused(
            [*arguments, "--out", "mine"], 4, r"'mine' holds files named like a result .*"
        )
        process = self.run_program([*arguments, "--quiet"])
        self.expect_line(process, 0, "")
        self.assertRegex(process.out, r"Results: results/own-sweep-seed1-\d{8}-\d{6}\n")

    @enough_in_release
    def test_the_line_that_repeats_it(self):
        process, sweep = self.sweep(
            [*SWEEP, "--meet", "attempts per device<=2", "--column", "busiest second"], 0
        )
        self.assertIn(f"Repeat:  {sweep['repeat']}\n", process.out)
        self.assertIn("'attempts per device<=2'", sweep["repeat"])
        self.assertTrue(sweep["repeat"].endswith("--seeds 3 --seed 1"))


if __name__ == "__main__":
    unittest.main()
