#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 25
"""A scenario states what its target admits: the judge of the wave holds the wave against that, and
says so; without it nothing can be said.
"""
import concurrent.futures
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from peers import BuiltInCloud, InteropTest  # noqa: E402

FLEET = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario { title = "A street of a real server", provision = "5.9-3", units = { "5.9-3-2 a" } }
params { { name = "stated", kind = "count", default = 0, maximum = 1000 } }
local street
function setup(p)
    if p.stated > 0 then cloud { connections = p.stated } end
    street = fleet.streets { homes = 60, router_boot = "0s", start_over = "2s",
                             devices = { { model = "thermostat", per_home = 1, law = law.full_jitter { window = "5s" }, report_every = "1s" } } }
end
function drill(p)
    wait_online(1.0, { within = "60s" })
    street:cut_power()
    wait "2s"
    street:restore_power { trigger = "power restore" }
    wait_online(1.0, { within = "60s" })
end
function verdict(p)
    judge.reconnect { unit = "5.9-3-2 a", trigger = "power restore", peak_to_mean = 1000 }
end
"""


class StatedCapacity(InteropTest):
    def judged(self, name, stated):
        """The run of a street at a cloud of its own, and its verdict."""
        (self.folder / name).mkdir()
        more = ["--set", f"stated={stated}"] if stated else []

        def run(attempt):
            out = f"{name}-{attempt}"
            words = ["run", self.fleet, "--quiet", "--target", cloud.plain, *more, "--out", out]
            process = self.run_program(words)
            summary = json.loads((self.folder / out / "summary.json").read_text())
            return process, summary["verdicts"][0]

        with BuiltInCloud(self.folder / name) as cloud:
            return self.in_time(run)

    def held_against(self, verdict):
        """The capacity that the busiest second was held against; None: none."""
        return {m["name"]: m["threshold"] for m in verdict["measures"]}.get("busiest second")

    def test_the_stated_capacity_decides(self):
        self.fleet = self.write("street.lua", FLEET)
        cases = (
            ("ample", 500, 0, "PASS"),
            ("small", 1, 1, "FAIL"),
            ("none", None, 5, "INCONCLUSIVE"),
        )
        # they wait, most of the time
        with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
            runs = [pool.submit(self.judged, name, stated) for name, stated, *_ in cases]
            for (name, stated, code, word), run in zip(cases, runs):
                with self.subTest(name):
                    process, verdict = run.result()
                    found = (process.returncode, verdict["verdict"], self.held_against(verdict))
                    self.assertEqual(found, (code, word, stated), process.err)


if __name__ == "__main__":
    unittest.main()
