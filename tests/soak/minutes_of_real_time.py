#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory and open files of the built-in cloud and of a fleet in real time. See
minutes_of_real_time.sh.
"""
import os
import pathlib
import re
import sys
import time
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "interop"), str(TESTS / "tools")]
from peers import BuiltInCloud, InteropTest  # noqa: E402

MINUTES = float(os.environ.get("SOAK_MINUTES", "3"))
SLACK_KB = 1024
PSK = ("--psk", "me:text:secret")


def look(process):
    """Resident kB and open files."""
    folder = pathlib.Path("/proc", str(process.pid))
    return int(re.search(r"VmRSS:\s+(\d+) kB", (folder / "status").read_text())[1]), len(
        list((folder / "fd").iterdir())
    )


def grown(samples):
    """What the second half has more than the first: memory beyond the slack, or any open file."""
    half = len(samples) // 2
    memory, files = (
        [max(s[i] for s in part) for part in (samples[:half], samples[half:])] for i in (0, 1)
    )
    return memory[1] > memory[0] + SLACK_KB or files[1] > files[0]


class Minutes(InteropTest):
    def test_what_growing_looks_like(self):
        self.assertFalse(grown([(20000, 12), (20500, 12), (20500, 12), (20500, 12)]))
        self.assertTrue(grown([(20000 + 300 * i, 12) for i in range(10)]))
        self.assertTrue(grown([(20000, 12), (20000, 12), (20000, 12), (20000, 13)]))

    def test_serve_and_run(self):
        began, samples = time.monotonic(), {"serve": [], "run": []}
        with BuiltInCloud(self.folder, *PSK) as cloud:
            run = self.steady(
                "o", cloud.secure, *PSK, period="1s", duration=f"{round(MINUTES * 60)}s"
            )
            time.sleep(15)  # all are online
            while time.monotonic() - began < MINUTES * 60:
                if run.poll() is not None:
                    self.fail(f"the run ended early: {run.communicate()[1]}")
                samples["serve"].append(look(cloud.process))
                samples["run"].append(look(run))
                time.sleep(1)
            process, summary = self.ended(run, "o")
            totals = cloud.end()
        self.assertEqual((process.returncode, process.err), (0, ""))
        self.assertEqual([v["verdict"] for v in summary["verdicts"]], ["PASS"])
        for name, seen in samples.items():
            print(
                f"{name}: {seen[0][0]} kB, then {seen[-1][0]} kB, {seen[-1][1]} open files",
                flush=True,
            )
            self.assertFalse(grown(seen), name)
        self.assertGreater(totals["requests"], self.DEVICES * (MINUTES * 60 - 20))
        print(f"{totals['requests']} requests answered", flush=True)


if __name__ == "__main__":
    unittest.main()
