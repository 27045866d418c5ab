#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 70
"""A scenario states what its target admits: the judge of the wave holds the wave against that, and
says so; without it nothing can be said.
"""
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
    def judged(self, cloud, name, *more):
        words = ["run", self.fleet, "--quiet", "--target", cloud.plain, *more, "--out"]

        def run(attempt):
            process = self.run_program([*words, f"{name}-{attempt}"])
            summary = json.loads((self.folder / f"{name}-{attempt}" / "summary.json").read_text())
            return process, summary["verdicts"][0]

        return self.in_time(run)

    def held_against(self, verdict):
        """The capacity that the busiest second was held against; None: none."""
        return {m["name"]: m["threshold"] for m in verdict["measures"]}.get("busiest second")

    def test_the_stated_capacity_decides(self):
        self.fleet = self.write("street.lua", FLEET)
        with BuiltInCloud(self.folder) as cloud:
            process, verdict = self.judged(cloud, "ample", "--set", "stated=500")
            self.assertEqual((process.returncode, verdict["verdict"]), (0, "PASS"), process.err)
            self.assertEqual(self.held_against(verdict), 500)
            process, verdict = self.judged(cloud, "small", "--set", "stated=1")
            self.assertEqual((process.returncode, verdict["verdict"]), (1, "FAIL"), process.err)
            self.assertEqual(self.held_against(verdict), 1)
            process, verdict = self.judged(cloud, "none")
            self.assertEqual(
                (process.returncode, verdict["verdict"]), (5, "INCONCLUSIVE"), process.err
            )
            self.assertIsNone(self.held_against(verdict))


if __name__ == "__main__":
    unittest.main()
