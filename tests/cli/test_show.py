#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""What `blackstart show` tells of each model, and what it says to who asks for none."""
import re
import unittest

from program import CliTest


class Show(CliTest):
    def said(self, *words):
        process = self.run_program(["show", *words])
        self.assertEqual((process.returncode, process.err), (0, ""))
        return process.out

    def models(self):
        listed = self.run_program(["list", "models"]).out
        return re.findall(r"^  ([a-z][a-z-]+)  +(?:C\d|-) ", listed, re.M)

    def test_every_model(self):
        models = self.models()
        self.assertGreaterEqual(len(models), 11)
        for model in models:
            with self.subTest(model=model):
                said = self.said(model)
                self.assertTrue(said.startswith(model + ": "))
                for head in (
                    "in the house",
                    "randomness at boot",
                    "when power returns",
                    "Its reports",
                    "Kept when",
                    "Its life",
                ):
                    self.assertIn(head, said)
                self.assertEqual([line for line in said.splitlines() if len(line) > 110], [])

    def test_a_thermostat(self):
        said = self.said("thermostat")
        self.assertRegex(said, r"(?m)^  temperature +Cel +3303 +sensor ")
        self.assertRegex(said, r"(?m)^  waiting for its attempt$")
        self.assertRegex(said, r"(?m)^    attempt due +connecting$")
        self.assertNotIn("asleep", said)  # it never is
        self.assertIn("asleep", self.said("window-contact"))

    def test_graph(self):
        """Braces are balanced, all arrows lead from a state to a state, nothing else is there."""
        said = self.said("smart-lock", "--graph")
        lines = said.splitlines()
        self.assertEqual((lines[0], lines[-1]), ('digraph "smart-lock" {', "}"))
        arrows = [
            re.fullmatch(r'    "([a-z ]+)" -> "([a-z ]+)" \[label="[a-z \\]+"\];', line)
            for line in lines[3:-1]
        ]
        self.assertNotIn(None, arrows)
        self.assertIn(("online", "asleep"), {a.groups() for a in arrows})
        self.assertNotIn(("off", "online"), {a.groups() for a in arrows})

    def test_wrong_use(self):
        self.expect_refused(
            ["show"], 4, r"no model \(blackstart show\): say one of blackstart list models"
        )
        self.expect_refused(
            ["show", "thermostate"],
            4,
            r"no model is called thermostate .*did you mean thermostat\?",
        )
        self.expect_refused(
            ["show", "bulb", "fridge"],
            4,
            r"fridge is one word too many \(blackstart show\): show one model at a time",
        )
        self.expect_refused(["show", "bulb", "--svg"], 4, r".*--svg.*")


if __name__ == "__main__":
    unittest.main()
