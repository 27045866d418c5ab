#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A product file stands in the place of what a scenario says of its devices, in every scenario; and
one table of all triggers.
"""
import json
import re
import unittest

import jsonschema

from program import SCENARIOS, SOURCE, STREET, CliTest

PRODUCT = json.loads((SCENARIOS / "products" / "thermostat.json").read_text())
SCHEMAS = {
    name: json.loads((SOURCE / "docs" / "schema" / name).read_text())
    for name in ("product.schema.json", "law.schema.json")
}
# The schema of a law stands in the place of the reference to it, and its definitions among the
# product's.
LAW_SCHEMA = SCHEMAS["law.schema.json"]
PRODUCT_SCHEMA = {**SCHEMAS["product.schema.json"]}
assert not set(PRODUCT_SCHEMA.get("$defs", {})) & set(LAW_SCHEMA["$defs"])
PRODUCT_SCHEMA["$defs"] = {**PRODUCT_SCHEMA.get("$defs", {}), **LAW_SCHEMA["$defs"]}
PRODUCT_SCHEMA["properties"] = {**PRODUCT_SCHEMA["properties"], "law": LAW_SCHEMA}


class Product(CliTest):
    def product(self, **changes):
        kept = {name: value for name, value in {**PRODUCT, **changes}.items() if value is not None}
        return self.write("product.json", json.dumps(kept))

    def summary(self, *words):
        process = self.run_program(
            ["run", STREET, "--set", "homes=15", "--quiet", "--out", "o", *words]
        )
        self.assertIn(process.returncode, (0, 1), process.err)
        return json.loads((self.folder / "o" / "summary.json").read_text())

    def test_the_schema(self):
        validator = jsonschema.Draft202012Validator(PRODUCT_SCHEMA)
        self.assertEqual(
            SCHEMAS["product.schema.json"]["properties"]["law"]["$ref"], "law.schema.json"
        )
        validator.validate(PRODUCT)
        self.assertFalse(validator.is_valid({**PRODUCT, "lwa": {}}))
        self.assertFalse(validator.is_valid({**PRODUCT, "law": {"kind": "no such"}}))

    def test_its_law_is_the_one_that_is_tried(self):
        given = self.summary("--product", self.product(law={"kind": "fixed", "base": "10s"}))
        named = self.summary("--set", "law=fixed")
        plain = self.summary()
        self.assertEqual(given["fingerprint"], named["fingerprint"])
        self.assertNotEqual(given["fingerprint"], plain["fingerprint"])
        self.assertEqual(given["parameters"]["law"]["value"], "the product's")
        self.assertIn("--product product.json", given["repeat"])

    def test_its_boot_and_reports(self):
        law = {"kind": "fixed", "base": "10s"}
        one = self.summary("--product", self.product(law=law))
        for changes in ({"boot": "20s"}, {"report_every": "30s"}):
            with self.subTest(changes=changes):
                self.assertNotEqual(
                    self.summary("--product", self.product(law=law, **changes))["fingerprint"],
                    one["fingerprint"],
                )

    def test_its_declarations(self):
        self.summary("--product", self.product())
        evidence = (self.folder / "o" / "evidence.json").read_text()
        self.assertIn("at a random time within 2m59s", evidence)
        self.assertNotIn("TelData-Report", evidence)  # the scenario's own
        self.summary("--product", self.product(interfaces=None, resilience=None))
        self.assertIn("TelData-Report", (self.folder / "o" / "evidence.json").read_text())

    def test_what_is_refused(self):
        for changes, line in (
            ({"lwa": {}}, r"a product has no 'lwa' \(product\.json\); did you mean 'law'\?.*"),
            ({"name": None}, r".*lacks a member: name \(product\.json\).*"),
            ({"law": {"kind": "fixt"}}, r".*product\.json.*"),
            (
                {"model": "thermostad"},
                r".*thermostad \(product\.json\): did you mean \"thermostat\"\?",
            ),
            ({"boot": ["5s", "2s"]}, r"no time to boot .*"),
            ({"boot": 5}, r"no time to boot .*"),
            ({"report_every": "often"}, r"no duration in the product: report_every .*"),
            (
                {"resilience": [{"id": "a", "description": "b", "type": "c"}]},
                r"no type of resilience: c .*",
            ),
            ({"interfaces": {}}, r"no list of at most 16 declarations: interfaces .*"),
            ({"interfaces": [{"id": "a"}]}, r"a declaration lacks a text .*: description .*"),
            ({"model": "window-contact"}, r".*no device of this scenario is a window-contact.*"),
        ):
            with self.subTest(changes=changes):
                self.product(**changes)
                self.expect_line(
                    self.run_program(["run", STREET, "--product", "product.json", "--out", "o"]),
                    4,
                    line,
                )
                self.assertFalse((self.folder / "o").exists())
        self.product()
        self.expect_line(
            self.run_program(["run", STREET, "--product", "product.json", "--set", "law=fixed"]),
            4,
            r".*the product says its law itself \(--set law\).*",
        )
        self.expect_line(
            self.run_program(["run", STREET, "--product", "none.json"]),
            4,
            r"no product that can be read: .*none\.json.*",
        )

    def test_one_table(self):
        """A row for each scenario, with what its summary says; who takes no product says so."""
        self.product()
        process = self.run_program(
            [
                "test",
                str(SCENARIOS / "5.9-3" / "hub-restart.lua"),
                str(SCENARIOS / "5.9-3" / "window-contacts.lua"),
                "--product",
                "product.json",
                "--set",
                "homes=15",
                "--set",
                "capacity=20",
                "--out",
                "o",
            ]
        )
        self.assertEqual(process.returncode, 0, process.err)
        rows = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in process.out.splitlines()
            if line.startswith("|")
        ]
        self.assertEqual(rows[0][:4], ["scenario", "verdict", "capacity /s", "busiest second"])
        summary = json.loads((self.folder / "o" / "hub-restart" / "summary.json").read_text())
        busiest = next(
            m["value"] for m in summary["verdicts"][0]["measures"] if m["name"] == "busiest second"
        )
        self.assertEqual(rows[2][:3], ["`hub-restart`", summary["verdicts"][0]["verdict"], "20"])
        self.assertEqual(float(re.match(r"[\d.]+", rows[2][3])[0]), busiest)
        self.assertEqual(rows[3][:2], ["`window-contacts`", "SKIPPED"])
        self.assertIn("no device of this scenario is a thermostat", rows[3][-1])

    def test_in_a_sweep(self):
        self.product(law={"kind": "fixed", "base": "10s"})
        process = self.run_program(
            [
                "sweep",
                STREET,
                "--vary",
                "homes=13,15",
                "--product",
                "product.json",
                "--quiet",
                "--out",
                "s",
            ]
        )
        self.assertIn(process.returncode, (0, 1))
        self.assertIn(
            "--product product.json",
            json.loads((self.folder / "s" / "sweep.json").read_text())["repeat"],
        )
        rows = (self.folder / "s" / "sweep.csv").read_text().splitlines()
        busiest = next(
            m["value"]
            for m in self.summary("--set", "law=fixed")["verdicts"][0]["measures"]
            if m["name"] == "busiest second"
        )
        self.assertEqual(float(rows[2].split(",")[3]), busiest)


if __name__ == "__main__":
    unittest.main()
