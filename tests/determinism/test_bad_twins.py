#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 30
"""The street that comes back, its bad twins, and the runs that prove nothing: verdict, exit code,
results that are valid.
"""
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import system  # noqa: E402

NO_POWER_CUT = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario { title = "A power cut that never happens", units = { "5.9-3-2 a" } }
params { { name = "cut", kind = "count", default = 0, minimum = 0, maximum = 1 } }
local street
function setup(p)
    cloud { connections = 20 }
    street = fleet.streets {
        homes = 60,
        start_over = "1m",
        devices = { { model = "thermostat", per_home = 1, law = law.orderly { devices = 60, capacity = 20 }, report_every = "1m" } },
    }
end
function drill(p)
    wait "5m"
    if p.cut == 1 then
        street:cut_power()
        wait "10m"
        street:restore_power()
    end
    wait "10m"
end
function verdict(p)
    judge.reconnect { unit = "5.9-3-2 a", trigger = "power restore", capacity = 20 }
end
"""


class BadTwins(system.SystemTest):
    def judge(self, scenario, code, verdict, *more):
        process = self.run_program(
            ["run", scenario, "--out", "r", "--quiet", "--repeatable", *more]
        )
        self.assertEqual(process.returncode, code, process.err)
        found = [v for v in self.results("r")["verdicts"] if v["unit"] == "5.9-3-2 a"]
        self.assertEqual([v["verdict"] for v in found], [verdict])
        return found[0]

    def test_orderly_passes(self):
        self.judge(system.STREET, 0, "PASS")

    def test_fixed_fails(self):
        finding = self.judge(system.STREET, 1, "FAIL", "--set", "law=fixed", *system.FREE)
        self.assertRegex(finding["sentence"], r"\S.*\.$")

    def test_every_seed_tells_them_apart(self):
        for seed in ("2", "3", "4"):
            self.judge(system.STREET, 0, "PASS", "--seed", seed)
            self.judge(system.STREET, 1, "FAIL", "--seed", seed, "--set", "law=fixed", *system.FREE)

    def test_immediate_and_unwindowed_laws_fail(self):
        for law in ("immediate", "exponential"):
            self.judge(system.STREET, 1, "FAIL", "--set", f"law={law}", *system.FREE)

    def test_too_few_devices(self):
        self.judge(system.STREET, 5, "INCONCLUSIVE", "--set", "homes=5")

    def test_a_stimulus_that_did_not_happen(self):
        scenario = self.write("no-cut.lua", NO_POWER_CUT)
        self.judge(scenario, 5, "INCONCLUSIVE")
        self.judge(
            scenario, 0, "PASS", "--set", "cut=1"
        )  # with its stimulus the same scenario is judged


class Checks(system.SystemTest):
    """Each row of the table of checks, as `blackstart list checks` prints it."""

    def rows(self):
        process = self.run_program(["list", "checks"])
        self.assertEqual(process.returncode, 0, process.err)
        for block in process.out.split("\n\n")[1:]:
            word, unit, title = re.match(r"  judge\.(\S+)\s+(.*?)  +(.*)", block).groups()
            yield {
                "word": word,
                "unit": unit,
                "title": title,
                "fields": re.findall(r"^      (\w+): ", block, re.M),
                "needs": re.search(r"^      needs +(.*)", block, re.M)[1],
                "twin": re.search(r"^      must fail +blackstart run (.*)", block, re.M)[1].split(),
            }

    def test_each_fails_its_bad_twin(self):
        rows = list(self.rows())
        self.assertGreaterEqual(len(rows), 8)
        for number, row in enumerate(rows):
            with self.subTest(unit=row["unit"]):
                scenario, *settings = row["twin"]
                process = self.run_program(
                    [
                        "run",
                        str(system.SOURCE / scenario),
                        *settings,
                        "--out",
                        f"twin{number}",
                        "--quiet",
                    ]
                )
                self.assertEqual(process.returncode, 1, process.err)
                found = [
                    v["verdict"]
                    for v in self.results(f"twin{number}")["verdicts"]
                    if v["unit"] == row["unit"]
                ]
                self.assertEqual(found, ["FAIL"])

    def test_the_page_on_verdicts_has_the_same_table(self):
        page = (system.SOURCE / "docs" / "verdicts.md").read_text(encoding="utf-8")
        told = re.findall(r"^\| (.*?) \| `judge\.(\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", page, re.M)
        rows = [
            (
                r["unit"],
                r["word"],
                ", ".join(f"`{f}`" for f in r["fields"]) or "-",
                r["needs"],
                r["title"],
            )
            for r in self.rows()
        ]
        self.assertEqual(told, rows)


if __name__ == "__main__":
    unittest.main(verbosity=2)
