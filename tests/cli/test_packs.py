#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of others (`--by`): each shipped pack passes its good twin, each of its rules fails its bad
twin, and a pack that cannot be read is told of in a line.
"""
import copy
import json
import random
import re
import sys
import unittest

import jsonschema

from program import SOURCE, STREET, CliTest

sys.path.insert(0, str(SOURCE / "tests" / "tools"))
import truths  # noqa: E402

PACKS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((SOURCE / "scenarios" / "packs").glob("*.json"))
}
SCHEMA = json.loads((SOURCE / "docs" / "schema" / "pack.schema.json").read_text(encoding="utf-8"))
DOCS = (SOURCE / "docs" / "packs.md").read_text(encoding="utf-8")
CODES = {"PASS": 0, "WARN": 0, "FAIL": 1, "INCONCLUSIVE": 5}


class Packs(CliTest):
    def judge(self, by, twin, number=0):
        """The verdict and its sentence on what a twin did."""
        name = f"t{len(list(self.folder.iterdir()))}"
        truth = truths.live(truths.Truth(**twin), random.Random(number))
        files, options = truths.write(truth, self.folder, name)
        process = self.run_program(["judge", *files, *options, "--by", by, "--out", name])
        self.assertIn(process.returncode, (0, 1, 5), process.err)
        finding = json.loads((self.folder / name / "summary.json").read_text())["verdicts"][0]
        self.assertEqual(process.returncode, CODES[finding["verdict"]])
        self.assertEqual(finding["unit"], by.partition("#")[0])
        return finding["verdict"], finding["sentence"]

    def test_good_cases_pass(self):
        for name, pack in PACKS.items():
            twins = pack.get("good_case", {})
            for part in pack.get("parts", [None]):
                if not twins:
                    continue
                with self.subTest(pack=name, part=part):
                    verdict, sentence = self.judge(
                        f"{name}#{part}" if part else name, twins[part] if part else twins
                    )
                    self.assertEqual(verdict, "PASS", sentence)

    def test_each_rule_fails_its_bad_twin(self):
        for name, pack in PACKS.items():
            for rule in pack.get("rules", []):
                with self.subTest(pack=name, ask=rule["ask"], part=rule.get("part")):
                    by = f"{name}#{rule['part']}" if "part" in rule else name
                    verdict, sentence = self.judge(by, rule["bad_twin"])
                    self.assertEqual(verdict, rule.get("otherwise", "FAIL"), sentence)
                    self.assertIn(rule["says"][:60], sentence)

    def test_as_the_tests_of_others_see_it(self):
        """One outage of twelve CONNECTs is all that Device Advisor looks at; a sequence of LwM2M
        has four pauses.
        """
        advisor, lwm2m = "aws-device-advisor", "lwm2m-1.1"
        doubling = {"kind": "exponential", "base": "1s"}
        spread = {"kind": "spread", "base": "2s", "low": 0.8, "high": 1.2}
        linear = {"kind": "steps", "pauses": [f"{4 * k}s" for k in range(1, 13)]}
        minute = {"base": "60s", "tries": 5, "rest": "never"}
        steps = {"kind": "steps", "pauses": ["60s", "120s", "180s", "240s"], **minute}
        for by, law, outages, retries, right in (
            (advisor, doubling, 1, 12, "WARN"),
            (advisor, spread, 1, 12, "PASS"),
            (advisor, linear, 1, 12, "FAIL"),
            (advisor, doubling, 1, 8, "INCONCLUSIVE"),
            (lwm2m, {"kind": "exponential", **minute}, 3, 4, "WARN"),
            (lwm2m, {"kind": "exponential", **minute, "factor": 1}, 3, 4, "FAIL"),
            (lwm2m, {**steps, "low": 0.9, "high": 1.1}, 8, 4, "FAIL"),
        ):
            with self.subTest(by, law=law, retries=retries):
                verdict, said = self.judge(
                    by, {"law": law, "outages": outages, "retries": retries, "format": "pcap"}
                )
                self.assertEqual(verdict, right, said)
                self.assertEqual(said.count("each pause is twice"), said.count("factor was seen"))
                self.assertLessEqual(said.count("each pause is twice"), 1)

    def test_a_part_is_asked_for(self):
        verdict, sentence = self.judge("rfc-timers", PACKS["rfc-timers"]["good_case"]["sntp"])
        self.assertEqual(verdict, "INCONCLUSIVE")
        self.assertIn("rfc-timers#PART, of coap, dtls, dhcp, sntp", sentence)

    def test_the_pack_of_this_project_is_its_thresholds(self):
        truth = truths.live(
            truths.Truth(law={"kind": "full-jitter", "base": "2s"}, retries=7), random.Random(1)
        )
        files, options = truths.write(truth, self.folder, "own")
        plain = self.run_program(["judge", *files, *options])
        self.assertEqual(
            self.run_program(["judge", *files, *options, "--by", "en-303-645"])
            .out.split("\nagain", 1)[0]
            .count("PASS"),
            plain.out.count("PASS"),
        )
        stricter = copy.deepcopy(PACKS["en-303-645"])
        stricter["thresholds"]["variation"] = 5
        path = self.write("stricter.json", json.dumps(stricter))
        self.expect_line(
            self.run_program(["judge", *files, *options, "--by", path]),
            1,
            r"a check failed \(5\.9-3-2 a.*",
        )

    def test_a_run_is_judged_by_a_pack_besides(self):
        rule = {
            "ask": "attempts-per-success",
            "at_most": 0.5,
            "clause": "1",
            "says": "nobody can keep this",
        }
        strict = self.write(
            "strict.json", json.dumps({**PACKS["retry-budget"], "pack": "strict", "rules": [rule]})
        )
        for by, verdict, code in (("retry-budget", "PASS", 0), (strict, "FAIL", 1)):
            process = self.run_program(
                ["run", STREET, "--quiet", "--set", "homes=15", "--by", by, "--out", by[:5]]
            )
            self.assertEqual(process.returncode, code, process.err)
            units = {
                finding["unit"]: finding["verdict"]
                for finding in json.loads((self.folder / by[:5] / "summary.json").read_text())[
                    "verdicts"
                ]
            }
            self.assertEqual((units[by.partition(".")[0]], units["5.9-3-2 a"]), (verdict, "PASS"))
            self.assertIn(f"--by {by}", process.out)
        self.expect_line(
            self.run_program(["run", STREET, "--by", "en-303-645"]),
            4,
            r"the pack en-303-645 has thresholds alone \(--by\): .*",
        )

    def test_list(self):
        told = self.run_program(["list", "packs"])
        self.assertEqual(re.findall(r"^  ([a-z0-9.-]+) ", told.out, re.M), list(PACKS))

    def test_schema(self):
        for name, pack in PACKS.items():
            jsonschema.validate(pack, SCHEMA)
            self.assertEqual(pack["pack"], name)
        for wrong in ({"rules": []}, {"edition": ""}, {"parts": {"x": [0]}}, {"other": 1}):
            self.assertFalse(
                jsonschema.Draft202012Validator(SCHEMA).is_valid({**PACKS["lwm2m-1.1"], **wrong}),
                wrong,
            )

    def test_documents(self):
        told = set(re.findall(r"^\| `([a-z-]+)` \| (?:s|share|class|-) \|", DOCS, re.M))
        source = (SOURCE / "sim" / "judge" / "pack.c").read_text()
        rows = set(re.findall(r'^    \{"([a-z-]+)", "', source, re.M))
        self.assertEqual(told, rows)
        for name in PACKS:
            self.assertIn(f"`{name}`", DOCS)

    def test_what_cannot_be_read_is_one_line(self):
        log = self.write("log.csv", "ts,id,status\n1767225600,a,ok\n")
        judge = ["judge", log, "--columns", "time=ts,device=id,outcome=status"]
        good = PACKS["lwm2m-1.1"]

        def but(**changes):
            return json.dumps({**good, **changes})

        def rule(**changes):
            return but(rules=[{**good["rules"][0], **changes}])

        cases = {
            "not JSON": ("{", r"no pack that can be read: .*bad\.json.*"),
            "no object": (
                "[]",
                r"no JSON object \(bad\.json\): docs/packs\.md tells what a pack is",
            ),
            "member": (
                but(rulez=[]),
                r"unknown member of a pack: rulez \(bad\.json\): did you mean 'rules'\?.*",
            ),
            "no source": (
                json.dumps({k: v for k, v in good.items() if k != "source"}),
                r"the pack does not say its source \(bad\.json\): .*",
            ),
            "control": (but(title="a\u001b[2J"), r"a control character in title \(bad\.json\): .*"),
            "no rules": (but(rules=[]), r"the pack has no rules \(bad\.json\): .*"),
            "ask": (
                rule(ask="pause-frist"),
                r"rule 1: nothing of that name can be asked for \(ask\): pause-frist "
                r"\(bad\.json\): did you mean 'pause-first'\?.*",
            ),
            "number": (
                rule(at_most="4"),
                r"rule 1: no number to hold against: at_most \(bad\.json\): .*",
            ),
            "no number": (
                but(rules=[{k: v for k, v in good["rules"][0].items() if k != "at_most"}]),
                r"rule 1: the rule has no number \(bad\.json\): .*",
            ),
            "growth": (
                rule(ask="growth", at_most=1),
                r"rule 1: no number to hold against: at_most \(bad\.json\): .*exponential",
            ),
            "otherwise": (
                rule(otherwise="PASS"),
                r"rule 1: no verdict of a rule that does not hold \(otherwise\): PASS "
                r"\(bad\.json\): .*",
            ),
            "part": (rule(part="x"), r"rule 1: no such part: x \(bad\.json\): .*"),
            "samples": (rule(samples=0), r"rule 1: no number of samples \(bad\.json\): .*"),
            "ports": (but(parts={"x": [0]}), r"no port in the part x \(bad\.json\): .*"),
            "threshold": (but(thresholds={"peak": 1}), r"unknown threshold peak \(bad\.json\): .*"),
            "threshold's number": (
                but(thresholds={"variation": "x"}),
                r"no number for the threshold variation \(bad\.json\): .*",
            ),
            "many": (but(rules=good["rules"] * 40), r"rule \d+: too many rules \(bad\.json\): .*"),
        }
        for what, (text, pattern) in cases.items():
            with self.subTest(what):
                self.expect_line(
                    self.run_program([*judge, "--by", self.write("bad.json", text)]), 4, pattern
                )
        self.expect_line(
            self.run_program([*judge, "--by", "lwm2m"]),
            4,
            r"neither a way to tell devices apart nor a pack of rules: lwm2m \(--by\): "
            r".*lwm2m-1\.1.*",
        )
        self.expect_line(
            self.run_program([*judge, "--by", "rfc-timers#ntp"]),
            4,
            r"the pack has no such part: ntp \(.*rfc-timers\.json\): .*",
        )
        self.expect_line(
            self.run_program([*judge, "--by", "rfc-timers", "--by", "lwm2m-1.1"]),
            4,
            r"one word too many: lwm2m-1\.1 \(--by\): .*",
        )


if __name__ == "__main__":
    unittest.main()
