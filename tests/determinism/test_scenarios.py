#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 110
# test-timeout: 900
"""Every scenario of scenarios/ gives what results/reference/ holds, to the byte, one seed with 7
threads and another with 1 or 2, over at least eight streets (each seed with each number of threads:
make soak); another seed or another parameter gives something else. `make reference` keeps new
results on purpose.
"""
import copy
import json
import pathlib
import re
import sys
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import reference  # noqa: E402
import system  # noqa: E402

# Another parameter, which must change the results.
OTHER = {
    "5.3/update-authenticity.lua": "size=4000",
    "5.9-3/accept-then-close.lua": "close_after=2s",
    "5.9-3/broker-restart.lua": "down=20s",
    "5.9-3/declaration.lua": "observed=2250",
    "5.9-3/hub-restart.lua": "off=20s",
    "5.9-3/metastable.lua": "down=20s",
    "5.9-3/refuse-busy.lua": "max_age=3m",
    "5.9-3/wan-black-hole.lua": "outage=6m",
    "5.9-3/update-wave.lua": "size=64000",
    "5.9-3/power-restore-street.lua": "outage=11m",
    "5.9-3/window-contacts.lua": "report_every=12h",
    "laws/contended-value.lua": "devices=251",
    "5.10-1/clone.lua": "devices=2100",
    "5.10-1/exfiltration.lua": "devices=2100",
    "5.10-1/a-week.lua": "devices=8400",
    "steady.lua": "period=6s",
}
HOMES = 8 * 250
PLAIN = ("steady.lua", "5.9-3/power-restore-street.lua")
EVERY_RUN_HAS = {"summary.json", "attempts.csv", "series.csv"}


def without_machine(files):
    """The results without the lines of what the machine adds, and how many these were in
    summary.json; of junit.xml without its times, which are the wall's.
    """
    kept = {
        name: [line for line in content.split(b"\n") if b'"machine":' not in line]
        for name, content in files.items()
    }
    cut = files["summary.json"].count(b"\n") + 1 - len(kept["summary.json"])
    kept["junit.xml"] = [re.sub(rb' time="[0-9.]+"', b"", line) for line in kept["junit.xml"]]
    return {name: b"\n".join(lines) for name, lines in kept.items()}, cut


class Determinism(system.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.known = reference.load()

    def run_as(self, scenario, name, *words):
        process = self.run_program(
            ["run", str(system.SCENARIOS / scenario), "--out", name, "--quiet", *words]
        )
        self.assertIn(process.returncode, (0, 1, 5), process.err)
        summary = self.results(name)
        return summary, {
            path.name: path.read_bytes() for path in sorted((self.folder / name).iterdir())
        }

    def test_every_scenario_gives_its_reference(self):
        now, wrong = reference.look(str(system.PROGRAM), reference.scenarios())
        self.assertEqual(wrong, [])
        moved = [
            line
            for name in now
            for line in reference.differences(name, self.known.get(name), now[name])
        ]
        self.assertEqual(
            moved,
            [],
            "results moved; if that is wanted, `make reference` keeps them and shows what moved",
        )
        self.assertEqual(
            self.known.keys(), now.keys(), "the reference holds scenarios that are gone"
        )

    def test_a_moved_byte_is_seen(self):
        for scenario, was in self.known.items():
            for change in ("fingerprint", "file", "lost file", "parameters"):
                now = copy.deepcopy(was)
                if change == "fingerprint":
                    now["seeds"]["2"]["fingerprint"] = "0"
                elif change == "file":
                    now["seeds"]["1"]["files"]["series.csv"] = "0"
                elif change == "lost file":
                    del now["seeds"]["1"]["files"]["series.csv"]
                else:
                    now["parameters"] = ["homes=1"]
                self.assertEqual(
                    len(list(reference.differences(scenario, was, now))), 1, f"{scenario}: {change}"
                )
            self.assertEqual(list(reference.differences(scenario, was, was)), [])

    def test_threads_that_disagree_are_seen(self):
        def observed(odd, runs):
            def run(program, scenario, folder, seed, threads):
                words = {"version": "v", "fingerprint": "1" if threads == odd else "0"}
                return {"summary.json": json.dumps(words).encode()}

            with unittest.mock.patch.object(reference, "run", run):
                seeds, wrong = reference.observe("", "x.lua", pathlib.Path(), runs)
            return {"parameters": [], "seeds": seeds}, wrong

        was, wrong = observed(None, reference.ALL_RUNS)
        self.assertEqual(wrong, [])
        for odd in reference.THREADS:
            _, wrong = observed(odd, reference.ALL_RUNS)
            self.assertEqual(len(wrong), len(was["seeds"]) * (2 if odd == 1 else 1), odd)
            # The few runs of the test see it by the reference: 7 threads in each scenario, 1 and 2
            # in every other.
            seen = [
                bool(list(reference.differences("x.lua", was, observed(odd, runs)[0])))
                for runs in reference.RUNS
            ]
            self.assertEqual(sum(seen), 2 if odd == 7 else 1, odd)
        taken = [reference.few_runs(name) for name in reference.scenarios()]
        self.assertTrue(all(taken.count(runs) >= len(taken) // 2 for runs in reference.RUNS))

    def test_another_seed_takes_another_course(self):
        for scenario, was in self.known.items():
            one, two = was["seeds"]["1"], was["seeds"]["2"]
            self.assertNotEqual(one["fingerprint"], two["fingerprint"], scenario)
            self.assertLessEqual(EVERY_RUN_HAS, one["files"].keys(), scenario)
            for name in ("attempts.csv", "series.csv"):
                self.assertNotEqual(one["files"][name], two["files"][name], f"{scenario}: {name}")

    def test_another_parameter_takes_another_course(self):
        for scenario, other in OTHER.items():
            with self.subTest(scenario=scenario):
                changed = other.split("=")[0]
                kept = [p for p in reference.SMALL[scenario] if p.split("=")[0] != changed]
                summary, files = self.run_as(
                    scenario, "other", "--repeatable", *reference.sets(kept + [other])
                )
                fingerprint, found = reference.digests(files)
                was = self.known[scenario]["seeds"]["1"]
                self.assertGreaterEqual(summary["homes"], HOMES, "too small to have eight streets")
                self.assertNotEqual(fingerprint, was["fingerprint"])
                for name in ("attempts.csv", "series.csv"):
                    self.assertNotEqual(found[name], was["files"][name], name)

    def test_only_a_line_is_the_machines(self):
        for scenario in PLAIN:
            with self.subTest(scenario=scenario):
                words = reference.sets(reference.SMALL[scenario])
                _, repeatable = self.run_as(scenario, "repeatable", "--repeatable", *words)
                plain = [
                    self.run_as(scenario, f"plain {n}", "--threads", n, *words)[1]
                    for n in ("1", "3")
                ]
                self.assertTrue(
                    plain[0] != repeatable,
                    "without --repeatable something about the machine is there",
                )
                self.assertEqual(without_machine(plain[0])[1], 1)
                self.assertTrue(without_machine(plain[0])[0] == without_machine(plain[1])[0])


if __name__ == "__main__":
    unittest.main(verbosity=2)
