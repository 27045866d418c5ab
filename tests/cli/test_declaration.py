#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test case 5.9-3-1 (conceptual): what is declared is judged before anything is switched off; each
verdict with a declaration that must not get it.
"""
import json
import unittest

import program

SCENARIO = program.SCENARIOS / "5.9-3" / "declaration.lua"


class Declaration(program.CliTest):
    def verdicts(self, scenario, *sets):
        self.run_program(
            [
                "run",
                str(scenario),
                "--quiet",
                "--out",
                "o",
                *[word for s in sets for word in ("--set", s)],
            ]
        )
        summary = json.loads((self.folder / "o" / "summary.json").read_text())
        return {v["unit"]: v["verdict"] for v in summary["verdicts"]}

    def test_laws(self):
        for law, wanted in (
            ("orderly", "PASS"),
            ("fixed", "FAIL"),
            ("full-jitter", "FAIL"),
            ("gateway-67s", "FAIL"),
        ):
            with self.subTest(law=law):
                self.assertEqual(
                    self.verdicts(SCENARIO, f"law={law}"),
                    {"5.9-3-1 a": "PASS", "5.9-3-1 b": wanted},
                )

    def test_a_cloud_that_is_large_enough_needs_no_window(self):
        self.assertEqual(
            self.verdicts(SCENARIO, "law=full-jitter", "capacity=10000")["5.9-3-1 b"], "PASS"
        )

    def test_methods(self):
        text = SCENARIO.read_text()
        declared = (
            'description = "CoAP (RFC 7252) over DTLS 1.2 (RFC 6347) with a pre-shared key, to '
            'the " ..\n'
            '            "cloud"'
        )
        self.assertIn(declared, text)
        for description, wanted in (
            ("a radio of our own", "INCONCLUSIVE"),
            ("MQTT 5 over TLS 1.3", "FAIL"),
        ):
            with self.subTest(description=description):
                name = self.write(
                    "other.lua", text.replace(declared, f'description = "{description}"')
                )
                self.assertEqual(self.verdicts(name)["5.9-3-1 a"], wanted)


if __name__ == "__main__":
    unittest.main(verbosity=2)
