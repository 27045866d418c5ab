#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-cost: 20
"""Power and network faults in the real world: half of a fleet loses power, then half loses its
network, against the built-in cloud served for real and against a server that is not ours. The
server's own counters say whether the devices really came back.
"""
import concurrent.futures
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from peers import BuiltInCloud, InteropTest  # noqa: E402

DRILL = str(pathlib.Path(__file__).resolve().parent / "scenarios" / "half-of-them.lua")
DEVICES = 60


class FaultsForReal(InteropTest):
    def drill(self, name, url, *more):
        keys = self.write(f"{name}.csv", "".join(f"dev-{n},{n + 7:032x}\n" for n in range(DEVICES)))
        known = (
            ["--psk-file", keys] if url == "secure" else []
        )  # in plain CoAP devices name themselves as a simulated fleet does
        with BuiltInCloud(self.folder, *known) as cloud:
            for attempt in range(3):
                folder = f"{name}-{attempt}"
                run = self.run_program(
                    [
                        "run",
                        DRILL,
                        "--quiet",
                        "--target",
                        getattr(cloud, url),
                        "--out",
                        folder,
                        *known,
                        *more,
                    ]
                )
                summary = self.results(folder)
                if "generator was late" not in run.err:
                    break
            return (
                run,
                summary,
                cloud.end(),
                (self.folder / folder / "series.csv").read_text(),
                attempt + 1,
            )

    def expect_all_back(self, run, summary, totals, series, runs, ports_may_come_again=0):
        self.expect_line(run, 0, "")
        self.assertEqual(
            {v["verdict"] for v in summary["verdicts"]},
            {"PASS"},
            json.dumps(summary["verdicts"], indent=1),
        )
        online = [int(row.split(",")[1]) for row in series.split("\n")[1:] if row]
        self.assertEqual(max(online), DEVICES)
        low = min(online[online.index(DEVICES) :])
        self.assertTrue(0 < low < DEVICES, f"about half were gone for a while: {online}")
        struck = DEVICES - low
        metrics = summary["metrics"]
        self.assertEqual(metrics["devices_online"]["value"], DEVICES)
        self.assertGreaterEqual(metrics["attempts_online"]["value"], DEVICES + struck)
        self.assertIn("power restore", summary["triggers"])
        self.assertIn("network restore", summary["triggers"])
        self.assertGreaterEqual(
            totals["attempts"], runs * (DEVICES + struck - ports_may_come_again)
        )

    def test_side_by_side(self):
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            cases = {
                "secure": ["secure"],
                "plain": ["plain"],
                "prefix": ["secure", "--source", "127.32.0.0/16"],
            }
            for name, run in {
                name: pool.submit(self.drill, name, *case) for name, case in cases.items()
            }.items():
                with self.subTest(case=name):
                    # Who loses power says no good-bye. Where nothing is secured the cloud knows a
                    # device by its port, and the system may draw that port again for another: such
                    # a one is no new attempt to it.
                    self.expect_all_back(
                        *run.result(), ports_may_come_again=3 if name == "plain" else 0
                    )


if __name__ == "__main__":
    unittest.main(verbosity=2)
