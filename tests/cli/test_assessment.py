#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forms of an assessment, as a user meets them: junit.xml and evidence in every folder of results,
`blackstart ics`, `blackstart evidence`. Each check has a bad twin.
"""
import copy
import json
import re
import shutil
import sys
import unittest

import jsonschema

from program import CALM, SMALL, SOURCE, STREET, CliTest, enough_in_release

sys.path.insert(0, str(SOURCE / "tests" / "tools"))
import assessment  # noqa: E402

NEVER = re.compile(r"certified|non-?compliant|non-?compliance", re.I)
SCHEMA = json.loads((SOURCE / "docs" / "schema" / "ics.schema.json").read_text())

# Texts that mean something to XML, Markdown, HTML and terminals.
HOSTILE = (
    CALM.replace("Two devices, one minute", "<b>&\\\"]]> | `x` \\27[31m # *t*")
    .replace(
        "function drill",
        """
local nasty = "x | y\\n## z <script>alert(1)</script> \\1"
function verdict(p)
    judge.connection_methods {}
    expect("a <b> & c", false, "It holds.", "It does not: </failure> ]]> | **no**")
    expect("a <b> & c", false, "It holds.", "Again.")
    judge.reconnect {}
end
function drill""",
    )
    .replace(
        "fleet.devices {",
        """
    declare.interface { id = "if | 1", description = "CoAP <img src=x> [a](b)", resilience_measures = "none\\n# at all" }
    fleet.devices {""",
        1,
    )
)


def defects(folder, checks=(assessment.check_junit, assessment.check_evidence), summary=None):
    found = []
    if summary is None:
        summary = json.loads((folder / "summary.json").read_text())
    for check in checks:
        check(folder, summary, lambda where, what: found.append(f"{where}: {what}"))
    return found


class Folder(CliTest):
    def run_scenario(self, name, *arguments):
        process = self.run_program(
            ["run", name, "--quiet", "--repeatable", "--out", "o", *arguments]
        )
        self.assertIn(process.returncode, (0, 1, 5), process.err)
        return self.folder / "o"

    def test_files_of_a_pass_and_a_fail(self):
        for law in ("orderly", "immediate"):
            with self.subTest(law=law):
                self.assertEqual(
                    defects(self.run_scenario(STREET, *SMALL, "--set", f"law={law}")), []
                )
                shutil.rmtree(self.folder / "o")

    @enough_in_release
    def test_bad_twins_of_the_checks(self):
        folder = self.run_scenario(STREET, *SMALL, "--set", "law=immediate", "--set", "capacity=2")
        good, summary = (folder / "junit.xml").read_text(), json.loads(
            (folder / "summary.json").read_text()
        )
        self.assertEqual(summary["verdicts"][0]["verdict"], "FAIL")
        for old, new in (
            ('failures="1"', 'failures="0"'),
            ("<failure ", "<skipped "),
            ('tests="1"', 'tests="2"'),
            ("</testsuites>", ""),
            ('name="seed" value="1"', 'name="seed" value="2"'),
            ('name="parameter.homes"', 'name="homes"'),
            ('time="', 'time="-'),
            ("busiest second", "laziest second"),
            ('message="', 'message="No: '),
            ("testsuites", "suites"),
            ('name="5.9-3-2 a"', 'name="5.9-3-2 b"'),
        ):
            twin = good.replace(old, new).replace(
                "</failure>", "</skipped>" if "skipped" in new else "</failure>"
            )
            self.assertNotEqual(twin, good)
            (folder / "junit.xml").write_text(twin)
            with self.subTest(new=new):
                self.assertNotEqual(defects(folder, [assessment.check_junit]), [])
        evidence = json.loads((folder / "evidence.json").read_text())
        for spoil in (
            lambda e: e.pop("limits"),
            lambda e: e["groups"].clear(),
            lambda e: e["edition"].update(en_303_645="V9"),
            lambda e: e["groups"][0]["cases"][0]["units"][0].update(verdict="PASS"),
            lambda e: e["ixit"]["23-ResMech"][0].pop("Type"),
        ):
            twin = copy.deepcopy(evidence)
            spoil(twin)
            (folder / "evidence.json").write_text(json.dumps(twin))
            self.assertNotEqual(defects(folder, [assessment.check_evidence]), [])

    def test_hostile_texts(self):
        folder = self.run_scenario(self.write("hostile.lua", HOSTILE))
        self.assertEqual(defects(folder), [])
        markdown = (folder / "evidence.md").read_text()
        for markup in ("<script>", "<img", "\n## z", "](b)", "\x1b", "\n# at all", "<b>"):
            self.assertNotIn(markup, markdown.replace("\\<", "").replace("\\]", ""))
        for row in re.findall(r"^\|.*$", markdown, re.M):
            self.assertEqual(len(re.findall(r"(?<!\\)\|", row)), 5, row)

    def test_what_was_done_and_seen(self):
        folder = self.run_scenario(STREET, *SMALL)
        evidence = json.loads((folder / "evidence.json").read_text())
        group = evidence["groups"][0]
        case = group["cases"][0]
        unit = case["units"][0]
        self.assertEqual(
            (group["provision"], group["status"], case["case"], case["kind"]),
            ("5.9-3", "R", "5.9-3-2", "functional"),
        )
        self.assertEqual(unit["stimuli"], [{"trigger": "power restore", "devices": 60}])
        self.assertTrue(
            all(
                (m["threshold_from"] is None) == (m["relation"] == "none") for m in unit["measures"]
            )
        )
        self.assertEqual(group["not_judged"], ["5.9-3-1"])
        self.assertEqual(
            [(r["clause"], r["act"]) for r in group["see_also"]],
            [("Annex I, part I, (2)(i)", "Regulation (EU) 2024/2847 (Cyber Resilience Act)")],
        )
        self.assertIn(
            "For information, and no verdict by it: Regulation (EU) 2024/2847",
            (folder / "evidence.md").read_text().replace("\\", ""),
        )
        self.assertEqual(group["verdict"], "INCONCLUSIVE")  # the other case was not judged
        self.assertEqual(
            [e["ID"] for e in evidence["ixit"]["23-ResMech"]], ["ResMech-Network", "ResMech-Power"]
        )
        self.assertTrue(any("models" in line for line in evidence["limits"]))
        self.assertTrue(any("recommendation" in line for line in evidence["limits"]))

    @enough_in_release
    def test_a_case_holds_only_when_all_of_its_units_were_judged(self):
        folder = self.run_scenario(STREET, *SMALL)
        summary = json.loads((folder / "summary.json").read_text())
        one = {**summary["verdicts"][0], "provision": "5.9-3", "verdict": "PASS"}
        for units, verdict, not_judged, group_verdict in (
            (("1 a", "1 b", "2 a"), "PASS", [], "PASS"),
            (("1 a", "2 a"), "INCONCLUSIVE", ["5.9-3-1 b"], "INCONCLUSIVE"),
            (("1 b", "2 a"), "INCONCLUSIVE", ["5.9-3-1 a"], "INCONCLUSIVE"),
            (("1 a", "1 b"), "PASS", [], "INCONCLUSIVE"),
        ):
            summary["verdicts"] = [{**one, "unit": f"5.9-3-{unit}"} for unit in units]
            (folder / "summary.json").write_text(json.dumps(summary))
            self.expect_line(
                self.run_program(
                    ["evidence", str(folder), "--edition", "V3.1.3", "--out", "units"]
                ),
                0,
                "",
            )
            group = json.loads((self.folder / "units.json").read_text())["groups"][0]
            with self.subTest(units=units):
                self.assertEqual(
                    (group["cases"][0]["case"], group["cases"][0]["verdict"]), ("5.9-3-1", verdict)
                )
                self.assertEqual(group["cases"][0]["not_judged"], not_judged)
                self.assertEqual(group["verdict"], group_verdict)

    def test_derived_declarations_say_so(self):
        evidence = json.loads(
            (self.run_scenario(self.write("calm.lua", CALM)) / "evidence.json").read_text()
        )
        for table in ("23-ResMech", "28-LogIntf"):
            self.assertEqual(len(evidence["ixit"][table]), 1)
            self.assertIn("derived", evidence["ixit"][table][0]["origin"])
        self.assertIn("every 1s", evidence["ixit"]["23-ResMech"][0]["Description"])
        self.assertEqual(evidence["ixit"]["24-TelData"], [])

    @enough_in_release
    def test_connection_methods(self):
        for interface, verdict in (
            ("CoAP over DTLS", "PASS"),
            ("MQTT over TLS", "FAIL"),
            ("our own protocol", "INCONCLUSIVE"),
            (None, "INCONCLUSIVE"),
        ):
            declare = (
                ""
                if interface is None
                else f'declare.interface {{ id = "Cloud", description = "{interface}" }}\n'
            )
            scenario = (
                CALM.replace("fleet.devices {", declare + "    fleet.devices {", 1)
                + "function verdict(p) judge.connection_methods {} end\n"
            )
            folder = self.run_scenario(self.write("methods.lua", scenario))
            found = json.loads((folder / "summary.json").read_text())["verdicts"][0]
            self.assertEqual(
                (found["unit"], found["verdict"]), ("5.9-3-1 a", verdict), found["sentence"]
            )
            self.assertEqual(defects(folder), [])
            shutil.rmtree(folder)

    def test_declarations_that_will_not_do(self):
        for line, words in (
            (
                'declare.resilience { id = "a", description = "b", type = "war" }',
                "network connectivity",
            ),
            ('declare.resilience { id = "a", description = "b" }', "type"),
            ('declare.interface { id = "", description = "b" }', "id"),
            ('declare.interface { id = "a", description = "b", misspelt = "c" }', "misspelt"),
            (
                'for _ = 1, 2 do declare.telemetry { id = "a", description = "b" } end',
                "there is another 'a'|id of its own",
            ),
            (
                'for i = 1, 17 do declare.telemetry { id = "a" .. i, description = "b" } end',
                "at most 16",
            ),
            ('declare.interface { id = "a", description = ("x"):rep(401) }', "1 to 400"),
        ):
            with self.subTest(line=line):
                name = self.write(
                    "bad.lua", CALM.replace("fleet.devices {", line + "\n    fleet.devices {", 1)
                )
                self.expect_line(
                    self.run_program(["run", name, "--quiet"]), 4, f".*bad.lua:.*({words}).*"
                )


class Statement(CliTest):
    def template(self, edition="V3.1.3"):
        process = self.run_program(["ics", "--template", "--edition", edition])
        self.expect_line(process, 0, "")
        statement = json.loads(process.out)
        jsonschema.Draft202012Validator(SCHEMA).validate(statement)
        return statement

    def filled(self, edition="V3.1.3"):
        statement = self.template(edition)
        for fact in statement["facts"].values():
            fact["value"] = True
        for row in statement["provisions"].values():
            row.update(support="Y", detail="described elsewhere")
        if edition == "V2.1.1":
            for name in ("c3", "c4", "mains"):
                statement["facts"][name]["value"] = False
            for name in ("5.3-14", "5.3-15"):
                statement["provisions"][name]["support"] = "N/A"
        return statement

    def ics(self, statement, *arguments):
        text = statement if isinstance(statement, (str, bytes)) else json.dumps(statement)
        return self.run_program(["ics", self.write("s.json", text), *arguments])

    def test_templates(self):
        for edition, rows, facts in (("V3.1.3", 78, 32), ("V2.1.1", 67, 16)):  # 4-1 has no row
            statement = self.template(edition)
            self.assertEqual((len(statement["provisions"]), len(statement["facts"])), (rows, facts))
            process = self.ics(statement)
            self.expect_line(process, 1, r"the statement has [0-9]+ errors \(s.json\): .*")
            self.assertEqual(self.ics(self.filled(edition)).returncode, 0)

    @enough_in_release
    def test_rules_reach_the_user(self):
        statement = self.filled()
        for what, row, words in (
            (
                ("5.9-3", {"support": "N/A", "detail": "x"}),
                None,
                r"ERROR 5\.9-3 \(R1\): N/A is not permitted",
            ),
            (
                ("5.9-3", {"support": "N", "detail": " "}),
                None,
                r"ERROR 5\.9-3 \(R3\): N without a reason, so 5\.0-1 is not met",
            ),
            (("5.4-3", {"support": "N", "detail": "x"}), None, r"ERROR 5\.4-3 \(R2\)"),
            (("5.9-3", {"support": "Y"}), None, r"ERROR 5\.9-3 \(R4\)"),
            (("5.3-4", {"support": "Y"}), None, r"it became 5\.3-4A"),
            (("5.99-1", {}), None, r"ERROR 5\.99-1 \(form\): .* no such provision"),
            (("5.9-3", 7), None, "the row is a number"),
            (("5.9-3", {"support": "yes", "detail": ""}), None, "support is a text 'yes'"),
            (("5.9-3", {"support": 1}), None, "support is a number"),
            (("5.9-3", {"support": "Y", "detail": ["x"]}), None, "detail is a list"),
            (("5.9-3", {"support": "Y", "detail": "x", "suport": "N"}), None, "no member 'suport'"),
        ):
            twin = copy.deepcopy(statement)
            twin["provisions"][what[0]] = what[1]
            with self.subTest(what=what):
                process = self.ics(twin)
                self.assertEqual(process.returncode, 1)
                self.assertRegex(process.out, words)
        warned = copy.deepcopy(statement)
        warned["facts"]["w"]["value"] = False
        process = self.ics(warned)
        self.expect_line(process, 0, "")
        self.assertRegex(process.out, r"WARN  5\.10-1 \(R6\)")

    def test_hostile_statements(self):
        good = json.dumps(self.filled())
        for text, words in (
            ("", r"s\.json: line 1, column 0: .*"),
            ("[]", "not a statement: .*"),
            ("{", "line 1, column 1: .*"),
            ("[" * 5000, "nested deeper than 24.*"),
            (
                good.replace('"5.9-3"', '"5.9-2"'),
                "line 1, column [0-9]+: duplicate object key near '\"5.9-2\"'.*",
            ),
            (good.replace("V3.1.3", "V9"), "no edition of EN 303 645 that is known here: V9; .*"),
            (b"\xff" + good.encode(), "line 1, column .*"),
            (
                good.replace('"facts": {', '"facts": 5, "x": {'),
                "\"facts\" and \"provisions\" must be objects.*",
            ),
            (" " * (3 << 20), "larger than .*"),
            (good.replace("described elsewhere", "\\u0000", 1), "line 1, column .*"),
        ):
            with self.subTest(text=text[:40]):
                self.expect_line(self.ics(text), 4, f".*({words})")
        self.expect_line(
            self.run_program(["ics", "none.json"]), 4, r"none\.json: No such file or directory: .*"
        )
        self.expect_line(
            self.ics(self.filled(), "--edition", "V2.1.1"),
            4,
            r"s\.json: a statement by V3\.1\.3, not V2\.1\.1; .*",
        )
        self.expect_line(
            self.ics(self.filled(), "--runs", "nowhere"), 4, r"no results of ours there .*"
        )
        self.expect_line(self.run_program(["ics"]), 4, "no statement given .*")
        self.expect_line(
            self.run_program(["ics", "--template", "--runs", "x"]), 4, "a template is empty .*"
        )

    def test_runs_are_filled_in_and_contradict(self):
        for law in ("orderly", "fixed"):
            self.run_program(
                ["run", STREET, "--quiet", "--out", f"results/{law}", "--set", f"law={law}"]
            )
        statement = self.filled()
        process = self.ics(
            statement, "--runs", "results", "--out", "filled.json", "--markdown", "table.md"
        )
        self.expect_line(process, 1, r"the statement has 1 error \(s\.json\): .*")
        self.assertRegex(
            process.out,
            r"ERROR 5\.9-3 \(run\): the statement says Y, but 5\.9-3-2 a FAILED in results/fixed; "
            r"1,000 devices",
        )
        filled = json.loads((self.folder / "filled.json").read_text())
        jsonschema.Draft202012Validator(SCHEMA).validate(filled)
        runs = filled["provisions"]["5.9-3"].pop("runs")
        self.assertEqual(
            [(r["verdict"], r["folder"], r["seed"]) for r in runs],
            [("FAIL", "results/fixed", 1), ("PASS", "results/orderly", 1)],
        )
        self.assertEqual(filled, statement)  # what the maker wrote stays
        self.assertIn(
            "5.9-3-2 a FAIL (results/fixed); 5.9-3-2 a PASS (results/orderly)",
            (self.folder / "table.md").read_text(),
        )
        self.run_program(["ics", "filled.json", "--runs", "results", "--out", "again.json"])
        self.assertEqual(
            (self.folder / "again.json").read_bytes(), (self.folder / "filled.json").read_bytes()
        )
        honest = copy.deepcopy(statement)
        honest["provisions"]["5.9-3"] = {"support": "N", "detail": "the law is fixed"}
        self.expect_line(self.ics(honest, "--runs", "results/fixed"), 0, "")

    def test_a_hostile_summary(self):
        for text in (
            "[]",
            "{}",
            '{"schema": "blackstart-summary-1", "verdicts": {"a": 1}}',
            '{"schema": "blackstart-summary-1", "verdicts": [{"unit": "u", "provision": '
            '"\\u001b[31m", "verdict": "FAIL", "sentence": "s"}, 7]}',
        ):
            self.write("r/summary.json", text)
            process = self.ics(self.filled(), "--runs", "r")
            self.assertEqual(process.returncode, 0 if "schema" in text else 4)
            self.assertNotIn("\x1b", process.out)

    def test_the_other_edition(self):
        self.run_program(["run", STREET, "--quiet", "--out", "o", *SMALL])
        process = self.run_program(["evidence", "o", "--edition", "V2.1.1"])
        self.expect_line(process, 0, "")
        evidence = json.loads((self.folder / "evidence-V2.1.1.json").read_text())
        self.assertEqual(evidence["edition"], {"en_303_645": "V2.1.1", "ts_103_701": "V1.1.1"})
        self.assertIn("11-ComMech", evidence["ixit"])
        self.run_program(["evidence", "o", "--out", "same"])
        self.assertEqual(
            (self.folder / "same.json").read_bytes(),
            (self.folder / "o" / "evidence.json").read_bytes(),
        )
        self.assertEqual(
            (self.folder / "same.md").read_bytes(), (self.folder / "o" / "evidence.md").read_bytes()
        )
        self.expect_line(
            self.run_program(["evidence", "nowhere"]),
            4,
            r"no results that can be read: summary\.json: No such file or directory "
            r"\(nowhere\): .*",
        )
        self.expect_line(
            self.run_program(["evidence", "o", "--edition", "V1"]), 4, r"unknown edition V1 .*"
        )

    @enough_in_release
    def test_words_that_are_not_ours_to_say(self):
        self.assertRegex("is Certified", NEVER)
        self.assertRegex("non-compliant", NEVER)
        texts = []
        for law in ("orderly", "immediate"):
            process = self.run_program(
                ["run", STREET, "--quiet", "--out", f"r/{law}", *SMALL, "--set", f"law={law}"]
            )
            texts += [process.out, process.err] + [
                path.read_text() for path in (self.folder / "r" / law).iterdir()
            ]
        for edition in ("V3.1.3", "V2.1.1"):
            for statement in (self.template(edition), self.filled(edition)):
                process = self.ics(
                    statement, "--runs", "r", "--out", "f.json", "--markdown", "f.md"
                )
                texts += [
                    process.out,
                    process.err,
                    (self.folder / "f.json").read_text(),
                    (self.folder / "f.md").read_text(),
                ]
        for command in ("ics", "evidence", "run", "judge"):
            texts.append(self.run_program([command, "--help"]).out)
        for path in (SOURCE / "docs").rglob("*.md"):
            texts.append(path.read_text())
        for text in texts:
            self.assertNotRegex(text, NEVER)


if __name__ == "__main__":
    unittest.main()
