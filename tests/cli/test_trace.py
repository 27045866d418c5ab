#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""`blackstart run --trace`: the lines of a device, a street and of lost packets, held against what
the run says of itself, and every place where a trace cannot be written.
"""
import csv
import json
import sys
import unittest

import program
from program import FREE, STREET, CliTest

SMALL = ["--set", "homes=15"]


class Trace(CliTest):
    def run_street(self, *arguments, out="run"):
        return self.run_program(
            ["run", STREET, "--quiet", "--repeatable", "--out", out, *arguments]
        )

    def lines(self, name="run.trace.jsonl"):
        with open(self.folder / name, encoding="ascii") as file:
            lines = [json.loads(line) for line in file]
        times = [line["time_s"] for line in lines]
        self.assertEqual(times, sorted(times))
        return lines

    def results(self, folder):
        return {p.name: p.read_bytes() for p in (self.folder / folder).iterdir()}

    def attempts(self, device):
        with open(self.folder / "run" / "attempts.csv", newline="", encoding="ascii") as file:
            return [row for row in csv.DictReader(file) if row["device"] == str(device)]

    def test_a_device_from_its_states_to_the_edge(self):
        process = self.run_street(
            *SMALL,
            "--set",
            "law=fixed",
            "--set",
            "capacity=2",
            "--set",
            "over=refuse",
            "--trace",
            "street=0",
        )
        self.assertIn("trace: run.trace.jsonl", process.out)
        street = self.lines()
        ends = [line for line in street if line["what"] == "end"]
        self.assertEqual({line["event"] for line in ends}, {"session ended"})
        self.assertEqual({line["why"] for line in ends}, {"connection refused"})
        ended = ends[0]["device"]
        self.run_street(
            *SMALL,
            "--set",
            "law=fixed",
            "--set",
            "capacity=2",
            "--set",
            "over=refuse",
            "--trace",
            f"device={ended}",
        )
        lines = self.lines()
        self.assertEqual(lines, [line for line in street if line["device"] == ended])
        states = [line for line in lines if line["what"] == "state"]
        self.assertEqual([s["from"] for s in states[1:]], [s["to"] for s in states[:-1]])
        begun = [line["time_s"] for line in lines if line["what"] == "edge" and line["attempt"]]
        self.assertEqual(
            [round(t, 6) for t in begun],
            [round(float(row["time_s"]), 6) for row in self.attempts(ended)],
        )
        self.assertTrue([line for line in lines if line["what"] == "session" and line["up"]])
        for line in lines:
            if line["what"] == "hop" and "out_s" in line:
                self.assertTrue(all(out > line["time_s"] for out in line["out_s"]))

    def test_each_lost_packet_is_a_line(self):
        self.run_street(*SMALL, "--set", "law=fixed", "--set", "capacity=2", "--trace", "drops")
        metrics = json.loads((self.folder / "run" / "summary.json").read_text())["metrics"]
        lines = self.lines()
        dropped = [
            line
            for line in lines
            if "drop" in line or line["what"] == "lost" or line.get("fate") == "dropped"
        ]
        self.assertEqual(len(dropped), len(lines))
        lost = sum(
            m["value"]
            for name, m in metrics.items()
            if name == "packets_lost" or name.startswith("packets_dropped")
        )
        self.assertEqual(len(lines), lost)
        self.assertGreater(len(lines), 100)

    def test_the_same_bytes_with_any_number_of_threads_and_the_same_results_as_without(self):
        street = ["--set", "homes=500", "--set", "devices_per_home=1", "--set", "law=fixed"]
        street += FREE
        for threads in ("1", "2", "7"):
            self.run_street(
                *street,
                "--threads",
                threads,
                "--trace",
                "street=1",
                "--trace",
                "device=3",
                out=f"o{threads}",
            )
        traces = [(self.folder / f"o{threads}.trace.jsonl").read_bytes() for threads in "127"]
        self.assertEqual(traces[0], traces[1])
        self.assertEqual(traces[0], traces[2])
        lines = self.lines("o1.trace.jsonl")
        self.assertEqual({line["device"] for line in lines if line["street"] != 1}, {3})
        self.assertGreater(len({line["device"] for line in lines if line["street"] == 1}), 100)
        self.run_street(*street, out="without")
        self.assertEqual(self.results("o2"), self.results("without"))
        self.assertEqual(list(self.folder.glob("without.*")), [])

    def test_a_clone_says_that_it_is_one(self):
        clone = str(program.SCENARIOS / "5.10-1" / "clone.lua")
        small = ["--set", "devices=20", "--set", "days=0.3", "--set", "examiner=false"]
        self.run_program(["run", clone, "--quiet", "--out", "run", *small, "--trace", "street=0"])
        with open(self.folder / "run.trace.jsonl", encoding="ascii") as file:
            clones = {json.loads(line)["device"] for line in file if '"clone":true' in line}
        self.assertTrue(clones)

    def test_what_is_not_there(self):
        street = ["run", STREET, "--quiet", *SMALL, "--out", "o"]
        self.expect_refused(
            [*street, "--trace", "device=60"],
            4,
            r"there is no device 60 \(--trace\): this fleet's are 0 to 59",
        )
        self.expect_refused(
            [*street, "--trace", "street=1"],
            4,
            r"there is no street 1 \(--trace\): this fleet's are 0 to 0",
        )
        for wrong in ("device=", "device=-1", "device=1x", "street= 1", "drop", "", "device"):
            self.expect_refused(
                [*street, "--trace", wrong],
                4,
                r"cannot be traced \(--trace .*\): say device=NUMBER, street=NUMBER or drops",
            )
        self.expect_refused(
            [*street, "--trace", "device=99999999999"],
            4,
            r"cannot be traced .*: no fleet has so many: .*",
        )
        self.expect_refused(
            [*street, *["--trace", "device=1"] * 17], 4, r"cannot be traced .*: at most 16 .*"
        )
        self.expect_refused(
            [*street, "--trace-to", "x"], 4, r"a file for a trace of nothing \(--trace-to\): .*"
        )
        self.expect_refused(
            [*street, "--trace", "drops", "--trace-to", "no/such"],
            4,
            r"cannot write the trace: No such file or directory \(no/such\): .*",
        )
        self.assertEqual(list(self.folder.glob("*.jsonl")), [])

    @unittest.skipUnless(program.pathlib.Path("/dev/full").exists(), "no /dev/full here")
    def test_a_full_disk_ends_the_trace_and_not_the_run(self):
        process = self.run_street(*SMALL, "--trace", "street=0", "--trace-to", "/dev/full")
        self.expect_line(
            process,
            3,
            r"the trace is not whole: No space left on device \(/dev/full\): .*; the run's "
            r"results are whole, in run",
        )
        self.assertIn("PASS", process.out)
        self.run_street(*SMALL, out="whole")
        self.assertEqual(self.results("run"), self.results("whole"))


if __name__ == "__main__":
    sys.exit(unittest.main())
