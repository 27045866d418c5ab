#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory over 24 virtual hours: a street loses power every two hours. See a_day_of_outages.sh."""
import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from program import PROGRAM, CliTest, environment  # noqa: E402

STREET = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario { title = "A street loses power again and again", provision = "5.9-3", units = { "5.9-3-2 a" } }
params {
    { name = "homes", kind = "count", default = 250 },
    { name = "hours", kind = "count", default = 24 },
}
local street
function setup(p)
    cloud { connections = 20 }
    street = fleet.streets {
        homes = p.homes, router_boot = { "60s", "90s" }, start_over = "4m",
        devices = { { model = "thermostat", per_home = 4, law = law.named("orderly", { devices = p.homes * 4, capacity = 20 }), report_every = "1m" } },
    }
end
function drill(p)
    wait_online(1.0, { within = "30m" })
    for hour = 1, p.hours - 1, 2 do
        wait(seconds(hour * 3600) - now())
        street:cut_power()
        wait "30m"
        street:restore_power()
        assert(wait_online(1.0, { within = "1h" }), "somebody stayed away")
    end
    wait(seconds(p.hours * 3600) - now())
end
function verdict()
    judge.reconnect { unit = "5.9-3-2 a", trigger = "power restore", capacity = 20 }
end
"""

ATTEMPT_BYTES = 3 * 32  # a sim_attempt, in an array that doubles and is copied as it grows
SLACK_BYTES = 2 << 20


def is_flat(short, long):
    """Whether the longer of two runs, each (bytes, attempts), took more memory than its attempts
    account for.
    """
    return long[0] - short[0] <= (long[1] - short[1]) * ATTEMPT_BYTES + SLACK_BYTES


class Day(CliTest):
    def run_street(self, name, homes, hours):
        """Most resident bytes, and attempts."""
        began = time.monotonic()
        arguments = [
            "run",
            "street.lua",
            "--threads",
            "1",
            "--quiet",
            "--out",
            name,
            "--set",
            f"homes={homes}",
            "--set",
            f"hours={hours}",
        ]
        process = subprocess.Popen(
            [PROGRAM, *arguments],
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        err = process.stderr.read()
        process.stderr.close()
        _, status, use = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual((process.returncode, err), (0, ""))
        summary = json.loads((self.folder / name / "summary.json").read_text(encoding="utf-8"))
        self.assertEqual([v["verdict"] for v in summary["verdicts"]], ["PASS"])
        self.assertEqual(summary["duration_s"], hours * 3600)
        back = [
            m["value"] for m in summary["verdicts"][0]["measures"] if m["name"] == "back online"
        ]
        self.assertEqual(back, [1])
        print(
            f"{homes * 4} devices, {hours} h: {use.ru_maxrss / 1024:.1f} MB, "
            f"{summary['attempts']} attempts, {time.monotonic() - began:.1f} s",
            flush=True,
        )
        return use.ru_maxrss * 1024, summary["attempts"]

    def test_memory_is_flat(self):
        self.write("street.lua", STREET)
        short = self.run_street("short", 250, 4)
        self.assertTrue(is_flat(short, self.run_street("day", 250, 24)))
        self.assertFalse(
            is_flat(self.run_street("small", 100, 4), short), "a larger fleet would be seen"
        )


if __name__ == "__main__":
    unittest.main()
