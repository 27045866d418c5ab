#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""The law that a maker declares, as JSON: what `blackstart list PRESET` writes is what `judge
--declared` reads and what docs/schema/law.schema.json allows; what contradicts itself is refused
with a line.
"""
import json
import re
import unittest

import jsonschema

from program import SOURCE, CliTest, agrees_with_declared

SCHEMA = json.loads((SOURCE / "docs" / "schema" / "law.schema.json").read_text())
LOG = "ts,id\n" + "".join(f"{1700000000 + 10 * i},thing\n" for i in range(5))
MAP = ["--columns", "time=ts,device=id"]


def allowed(law):
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(law)


class LawJson(CliTest):
    def presets(self):
        text = self.run_program(["list", "laws"]).out.split("Presets:")[1]
        return re.findall(r"^  ([a-z0-9-]+) ", text, re.M)

    def declared(self, law):
        """The declared law in words, as the judge prints it."""
        self.write("log.csv", LOG)
        self.write("law.json", law if isinstance(law, str) else json.dumps(law))
        process = self.run_program(["judge", "log.csv", *MAP, "--declared", "law.json"])
        self.assertEqual(process.returncode, 5, process.err)
        text = " ".join(process.out.split())
        return re.search(r"law declared\.*: (.*?) outages\.", text)[1]

    def test_every_preset_is_written_as_it_is_read(self):
        names = self.presets()
        self.assertGreater(len(names), 20)
        for name in names:
            with self.subTest(preset=name):
                written = self.run_program(["list", name]).out
                self.assertTrue(allowed(json.loads(written)), written)
                self.assertEqual(self.declared(written), self.declared({"preset": name}))

    def test_a_preset_can_be_changed(self):
        self.assertIn("jitter from 1s doubling up to 1m00s", self.declared({"preset": "paho-c"}))
        self.assertIn(
            "jitter from 3s doubling up to 2m00s",
            self.declared({"preset": "paho-c", "base": "3s", "cap": "2m"}),
        )
        self.assertIn(
            "first attempt within 1m00s",
            self.declared({"preset": "esp-mqtt", "initial_window": "1m"}),
        )

    def test_every_member(self):
        law = {
            "kind": "spread", "initial_window": "2m", "base": "1s", "cap": "never",
            "factor": 1.5, "low": 0.9, "high": 1.1,
            "tries": 5, "rest": "never", "reset_after": "30s", "on_the": "1h", "seed": "serial",
        }  # fmt: skip
        self.assertTrue(allowed(law))
        self.assertEqual(
            self.declared(law),
            "first attempt within 2m00s at random, then jitter from 1s growing by 1.5 without a "
            "limit, each times 0.9 to 1.1, giving up after 5 tries, reset after 30s online, "
            "only at full multiples of 1h00m00s, seeded with its serial number",
        )

    def test_steps(self):
        law = {"kind": "steps", "pauses": ["0s", "3s", "12s", "30s"], "low": 0.5, "high": 1.5}
        self.assertTrue(allowed(law))
        self.assertEqual(
            self.declared(law),
            "first attempt at once, then steps of 0s, 3s, 12s and then 30s each, times 0.5 to 1.5",
        )
        self.assertEqual(
            self.declared({"kind": "steps", "pauses": ["5s"]}),
            "first attempt at once, then steps of 5s each",
        )

    def test_logs_of_steps_agree_with_their_makers_tables(self):
        """Tasmota's linear steps and a table that begins with two zero pauses; a neighbour's table
        does not agree.
        """
        ten = [f"{10 * k}s" for k in range(1, 13)]
        azure = {
            "kind": "steps",
            "pauses": ["0s", "0s", "1s", "4s", "10s", "22s", "30s"],
            "low": 0.6,
            "high": 1.4,
        }
        for log, law, agrees in (
            ("tasmota_lin", {"kind": "steps", "pauses": ten}, True),
            ("tasmota_lin", {"preset": "tasmota"}, True),
            ("tasmota_lin", {"preset": "espurna"}, False),
            ("tasmota_lin", {"kind": "steps", "pauses": ten[:8]}, False),
            ("tasmota_lin", {"kind": "steps", "pauses": ["0s"] + ten}, False),
            ("azure_c", azure, True),
            ("azure_c", {**azure, "pauses": azure["pauses"][1:]}, False),
            ("azure_c", {**azure, "pauses": [*azure["pauses"][:-1], "60s"]}, False),
            ("azure_c", {"preset": "tasmota"}, False),
        ):
            with self.subTest(log=log, law=law):
                self.write("law.json", json.dumps(law))
                path = SOURCE / "tests" / "data" / "judge" / f"law-{log}.csv"
                process = self.run_program(
                    [
                        "judge",
                        str(path),
                        "--columns",
                        "time=ts,device=id,outcome=status",
                        "--declared",
                        "law.json",
                        "--out",
                        "o",
                    ]
                )
                self.assertIn(process.returncode, (0, 1), process.err)
                summary = json.loads((self.folder / "o" / "summary.json").read_text())
                verdict = summary["verdicts"][0]
                self.assertEqual(agrees_with_declared(verdict), agrees, verdict["sentence"])

    def test_contradictions(self):
        self.write("log.csv", LOG)
        contradicts = r"the declared law contradicts itself: "
        for law, pattern, by_schema in (
            (
                {"kind": "exponential", "base": "2s", "cap": "1s"},
                contradicts + "the cap is below the base pause",
                False,
            ),
            (
                {"kind": "spread", "low": 2, "high": 1},
                contradicts + "the random factor does not go from .*",
                False,
            ),
            ({"kind": "spread", "low": -1}, contradicts + "the random factor .*", True),
            (
                {"kind": "exponential", "factor": 0.5},
                contradicts + "the factor is not between .*",
                True,
            ),
            (
                {"kind": "exponential", "base": "0"},
                contradicts + "the base pause is not above 0",
                False,
            ),
            (
                {"kind": "full-jitter", "rest": "1h"},
                contradicts + "there is a rest, but no number of tries before it",
                True,
            ),
            ({"kind": "full-jitter", "low": 0.5}, contradicts + "full-jitter has no low", True),
            ({"kind": "fixed", "high": 1.5}, contradicts + "fixed has no high", True),
            (
                {"kind": "fixed", "factor": 2},
                contradicts + "a fixed pause does not grow by a factor",
                False,
            ),
            ({"kind": "immediate", "base": "1s"}, contradicts + "immediate has no base", True),
            (
                {"kind": "decorrelated-jitter", "factor": 2},
                contradicts + "decorrelated-jitter has no factor",
                True,
            ),
            (
                {"kind": "fixed", "on_the": "9000d"},
                contradicts + "the period of the clock .*",
                False,
            ),
            (
                {"preset": "paho-c", "kind": "fixed"},
                contradicts + "it has a preset and a kind, .*",
                True,
            ),
            (
                {"preset": "paho-c", "cap": "10ms"},
                contradicts + "the cap is below the base pause",
                False,
            ),
            ({"preset": "paho"}, r"unknown preset paho", False),
            ({"preset": 7}, r"unknown preset \(it is no text\)", True),
            ({"base": "1s"}, r"the declared law has no kind", True),
            (
                {"kind": "fixed", "tries": 1.5},
                r"no number of tries in the declared law: tries",
                True,
            ),
            (
                {"kind": "fixed", "tries": -1},
                r"no number of tries in the declared law: tries",
                True,
            ),
            (
                {"kind": "fixed", "tries": "5"},
                r"no number of tries in the declared law: tries",
                True,
            ),
            (
                {"kind": "fixed", "seed": "random"},
                r"unknown seed in the declared law: random",
                True,
            ),
            (
                {"kind": "fixed", "seed": 5},
                r"unknown seed in the declared law: it is no text",
                True,
            ),
            ({"kind": "spread", "low": "1"}, r"no number in the declared law: low", True),
            ({"kind": "fixed", "base": "never"}, r"no duration in the declared law: base", True),
            ({"kind": "fixed", "base": "-1s"}, r"no duration in the declared law: base", True),
            ({"kind": "fixed", "rest": 5}, r"no duration in the declared law: rest", True),
            (
                {"kind": "steps", "pauses": []},
                r"no list of pauses in the declared law: pauses",
                True,
            ),
            (
                {"kind": "steps", "pauses": "3s"},
                r"no list of pauses in the declared law: pauses",
                True,
            ),
            (
                {"kind": "steps", "pauses": ["3s"] * 33},
                r"no list of pauses in the declared law: pauses",
                True,
            ),
            (
                {"kind": "steps", "pauses": ["3s", 5]},
                r"no duration in the declared law: pauses",
                True,
            ),
            (
                {"kind": "steps", "pauses": ["0s", "0s"]},
                contradicts + "no step is above 0.*",
                False,
            ),
            (
                {"kind": "steps", "pauses": ["3s"], "base": "1s"},
                contradicts + "steps has no base",
                True,
            ),
            ({"kind": "fixed", "pauses": ["3s"]}, contradicts + "fixed has no pauses", True),
            (
                {"kind": "exponential", "jitter_before_cap": True},
                contradicts + "exponential has no jitter_before_cap",
                True,
            ),
            (
                {"kind": "spread", "jitter_before_cap": 1},
                r"neither true nor false in the declared law: jitter_before_cap",
                True,
            ),
            (
                {"kind": "fixed", "window": "1m"},
                r"unknown member of the declared law: window",
                True,
            ),
        ):
            with self.subTest(law=law):
                self.write("law.json", json.dumps(law))
                self.expect_refused(
                    ["judge", "log.csv", *MAP, "--declared", "law.json"],
                    4,
                    pattern + r" \(law\.json\): .*",
                )
                if by_schema:
                    self.assertFalse(allowed(law), "the schema allows it")


if __name__ == "__main__":
    unittest.main()
