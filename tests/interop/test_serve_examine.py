#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 23
"""The served cloud examines a fleet on real sockets: devices that report what cannot be are told
of, by name, on standard output and to a webhook; the same fleet without them is not.
"""
import concurrent.futures
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from peers import BuiltInCloud, InteropTest  # noqa: E402
import test_outlets  # noqa: E402  found by peers

DEVICES, INJECTED = 20, 3
# Learnt for ten seconds: a range of readings is what can be known by then.
EXAMINE = ["--examine", "--learn", "10s", "--window", "1s"]
FLEET = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario { title = "Some devices report what cannot be" }
params { { name = "bad", kind = "boolean", default = true } }
local all
function setup(p)
    all = fleet.devices { model = "thermostat", count = %d, law = law.fixed { base = "1s" }, report_every = "1s", metrics = true }
end
function drill(p)
    wait "14s"
    if p.bad then all:devices():inject { kind = "out-of-range", devices = %d, lasting = "8s" } end
    wait "8s"
end
""" % (
    DEVICES,
    INJECTED,
)


class ServeExamine(InteropTest):
    webhook = test_outlets.Attack.webhook

    def serve(self, name, scheme, options, *more):
        """Alarms of the cloud, its last totals, and who really misbehaved."""
        keys = self.write(f"{name}.csv", "".join(f"dev-{n},{n + 7:032x}\n" for n in range(DEVICES)))
        known = (
            ["--psk-file", keys] if scheme == "secure" else []
        )  # in plain CoAP devices name themselves as a simulated fleet does
        with BuiltInCloud(self.folder, *known, *options) as cloud:
            run = self.run_program(
                [
                    "run",
                    "fleet.lua",
                    "--quiet",
                    "--target",
                    getattr(cloud, scheme),
                    "--out",
                    name,
                    *known,
                    *more,
                ]
            )
            self.assertIn(run.returncode, (0, 5), run.stderr)
            cloud.process.terminate()
            out, err = cloud.process.communicate(timeout=20)
        self.assertEqual((cloud.process.returncode, err), (0, ""))
        lines = out.strip().split("\n")
        truth = (
            (self.folder / name / "truth.csv").read_text().split("\n")[1:]
            if "bad=no" not in more
            else []
        )
        return [json.loads(line) for line in lines if line.startswith("{")], lines[-1], truth

    def test_alarms(self):
        self.write("fleet.lua", FLEET)
        hook, url = self.webhook()
        cases = {
            "attack": ("secure", [*EXAMINE, "--alarm-to", url]),
            "plain": ("plain", EXAMINE),
            "calm": ("secure", EXAMINE, "--set", "bad=no"),
            "unexamined": ("secure", []),
            "learning": ("secure", ["--examine", "--window", "1s"]),
        }
        with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
            results = {
                name: job.result()
                for name, job in {
                    name: pool.submit(self.serve, name, *case) for name, case in cases.items()
                }.items()
            }
        alarms, totals, truth = results["attack"]
        self.assertEqual({a["kind"] for a in alarms}, {"out-of-range"}, alarms)
        self.assertEqual(
            sorted(a["device"] for a in alarms),
            sorted(int(row.split(",")[3]) for row in truth if row),
        )
        for alarm in alarms:
            self.assertEqual(alarm["whom"], f"dev-{alarm['device']}")
        self.assertEqual([json.loads(body) for _, body in hook.got], alarms)
        self.assertIn(f"alarms {len(alarms)}, reports not examined 0", totals)
        self.assertEqual(
            {a["whom"] for a in results["plain"][0]},
            {f"bs-{row.split(',')[3]:0>8}" for row in results["plain"][2] if row},
        )
        for name in ("calm", "learning"):
            self.assertEqual(results[name][0], [], name)
            self.assertIn(", alarms 0, reports not examined 0", results[name][1])
        self.assertEqual(results["unexamined"][0], [])
        self.assertNotIn("alarms", results["unexamined"][1])


if __name__ == "__main__":
    unittest.main(verbosity=2)
