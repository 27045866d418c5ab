#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`blackstart test`: many scenarios, a line each, one junit.xml; what one of them does wrong does
not hide the others.
"""
import json
import re
import signal
import unittest
import xml.etree.ElementTree as ElementTree
from html import unescape
from urllib.parse import unquote

from program import CALM, CliTest, has_handlers, start

PASSES = CALM + 'function verdict(p) expect("calm", true, "Nothing happened.") end\n'
NOTHING = CALM
FAILS = CALM + 'function verdict(p) expect("storm", false, "It was <calm> & quiet.") end\n'
OPEN = CALM + 'function verdict(p) judge.reconnect { trigger = "a fault that never was" } end\n'
BROKEN = "this is no Lua\n"
TRIPS = CALM.replace("wait(p.duration)", 'error("tripped")')
ENDLESS = CALM.replace('default = "1m"', 'default = "300d"')


class Suite(CliTest):
    def suite(self, *words, **more):
        return self.run_program(["test", "--jobs", "2", *words], **more)

    def junit(self, name="out/junit.xml"):
        return ElementTree.parse(self.folder / name).getroot()

    def counts(self, element):
        return tuple(int(element.get(n)) for n in ("tests", "failures", "errors", "skipped"))

    def test_all_pass(self):
        self.write("a/one.lua", PASSES)
        self.write("a/b/two.lua", PASSES)
        process = self.suite("a", "--out", "out")
        self.expect_line(process, 0, "")
        self.assertRegex(process.out, r"PASS +a/one\.lua \(1 check, [\d.]+ s\)")
        self.assertIn("2 passed, 0 failed, 0 inconclusive, 0 in error, 0 not run", process.out)
        self.assertEqual(self.counts(self.junit()), (2, 0, 0, 0))
        for name in ("one", "two"):
            self.assertTrue((self.folder / "out" / name / "summary.json").is_file())

    def test_each_outcome_is_counted_and_the_gravest_decides(self):
        self.write("passes.lua", PASSES)
        self.write("open.lua", OPEN)
        self.write("nothing.lua", NOTHING)
        self.write("fails.lua", FAILS)
        self.write("broken.lua", BROKEN)
        self.write("trips.lua", TRIPS)
        names = ["passes.lua"]
        for name, code, line, counts in (
            (
                "open.lua",
                5,
                r"inconclusive in 1 of 2 scenarios \(first open\.lua\): .*",
                (2, 0, 0, 1),
            ),
            (
                "nothing.lua",
                5,
                r"inconclusive in 2 of 3 scenarios \(first open\.lua\): .*",
                (3, 0, 0, 2),
            ),
            (
                "fails.lua",
                1,
                r"a check failed in 1 of 4 scenarios \(first fails\.lua\): Not so: It was <calm> "
                r"& quiet\.",
                (4, 1, 0, 2),
            ),
            (
                "trips.lua",
                4,
                r"wrong use in 1 of 5 scenarios \(first trips\.lua\): .*tripped.*",
                (5, 1, 1, 2),
            ),
            (
                "broken.lua",
                4,
                r"wrong use in 2 of 6 scenarios \(first trips\.lua\): .*",
                (6, 1, 2, 2),
            ),
        ):
            names.append(name)
            process = self.suite(*names, "--out", "out")
            self.expect_line(process, code, line)
            self.assertEqual(self.counts(self.junit()), counts, name)
            self.assertEqual(len(self.junit()), len(names))

    def test_junit_is_what_servers_want(self):
        self.write("5.9-3/a.b.lua", FAILS)
        self.suite("5.9-3", "--out", "out", "--junit", "other.xml")
        self.assertFalse((self.folder / "out" / "junit.xml").exists())
        suite = self.junit("other.xml")[0]
        case = suite.find("testcase")
        self.assertEqual(case.get("classname"), "5_9-3/a_b")
        self.assertEqual(case.get("name"), "storm")
        self.assertEqual(case.find("failure").get("message"), "Not so: It was <calm> & quiet.")
        properties = {p.get("name"): p.get("value") for p in suite.iter("property")}
        self.assertEqual(properties["duration_s"], "60.000")
        self.assertLess(float(suite.get("time")), 60, "the time of a suite is of the wall")
        self.assertEqual(float(suite.get("time")), float(case.get("time")))

    def page(self, name="out/index.html"):
        """Of each scenario: its verdict, its reason and the file that its link leads to."""
        text = (self.folder / name).read_text()
        rows = re.findall(r'<tr id="scenario-\d+">(.*?)</tr>', text, re.S)
        found = {}
        for row in rows:
            link = re.search(r'<a href="([^"]*)">', row)
            path = (self.folder / name).parent / unquote(link.group(1)) if link else None
            scenario = re.sub("<[^>]*>", "", row.split("</th>")[0].split("<div")[0])
            verdict = re.search(r'class="badge [^"]*">.*?</span>([A-Z ]+)</span>', row).group(1)
            why = re.search(r'data-column="why">(.*?)</td>', row).group(1)
            found[unescape(scenario)] = (verdict, unescape(why), path)
        return text, found

    def test_page_tells_of_each_and_leads_to_it(self):
        self.write("passes.lua", PASSES)
        self.write("a b.lua", FAILS)
        self.write("trips.lua", TRIPS)
        self.write("nothing.lua", NOTHING)
        self.write("broken<i>.lua", BROKEN)
        for name, more in (
            ("out/index.html", []),
            ("pub/deep/x.html", ["--page", "pub/deep/x.html"]),
        ):
            with self.subTest(page=name):
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                process = self.suite(".", "--out", "out", *more)
                self.assertIn(f"\nPage: {name}\n", process.out)
                text, found = self.page(name)
                self.assertEqual(
                    {scenario: one[0] for scenario, one in found.items()},
                    {
                        "./passes.lua": "PASS",
                        "./a b.lua": "FAIL",
                        "./trips.lua": "ERROR",
                        "./nothing.lua": "INCONCLUSIVE",
                        "./broken<i>.lua": "ERROR",
                    },
                )
                self.assertEqual(found["./passes.lua"][1], "")
                self.assertEqual(found["./a b.lua"][1], "Not so: It was <calm> & quiet.")
                self.assertIn("tripped", found["./trips.lua"][1])
                self.assertIn("nothing was judged", found["./nothing.lua"][1])
                for scenario in ("./passes.lua", "./a b.lua", "./nothing.lua"):
                    self.assertTrue(found[scenario][2].is_file(), found[scenario][2])
                self.assertIsNone(found["./broken<i>.lua"][2], "a link to what is not there")
                self.assertNotIn("<i>", text)
                self.assertNotIn("<script", text)
                for words in ("1 passed, 1 failed, 1 inconclusive, 2 in error", "storm", "calm"):
                    self.assertIn(words, text)
        self.expect_refused(
            ["test", "passes.lua", "--out", "new", "--page", "nowhere/x.html"],
            4,
            r".*nowhere/x\.html.*",
        )
        self.assertFalse((self.folder / "new").exists())

    def test_parameters_reach_who_has_them(self):
        self.write("has.lua", PASSES)
        self.write(
            "has_not.lua", PASSES.replace("params", "local _ =").replace("p.duration", '"1m"')
        )
        self.expect_line(self.suite(".", "--set", "duration=2m", "--out", "out"), 0, "")
        lasted = {
            name: json.loads((self.folder / "out" / name / "summary.json").read_text())[
                "duration_s"
            ]
            for name in ("has", "has_not")
        }
        self.assertEqual(lasted, {"has": 120.0, "has_not": 60.0})
        self.expect_refused(
            ["test", ".", "--set", "durration=2m"],
            4,
            r"no scenario here has the parameter durration .*",
        )

    def test_namesakes_do_not_meet(self):
        self.write("a/same.lua", PASSES)
        self.write("b/same.lua", FAILS)
        self.suite("a", "b", "--out", "out")
        verdicts = [
            json.loads((self.folder / "out" / name / "summary.json").read_text())["verdicts"][0][
                "verdict"
            ]
            for name in ("same", "same-2")
        ]
        self.assertEqual(verdicts, ["PASS", "FAIL"])

    def test_quiet_tells_only_of_trouble(self):
        self.write("one.lua", PASSES)
        self.write("two.lua", FAILS)
        process = self.suite(".", "--quiet", "--out", "out")
        self.assertNotIn("one.lua", process.out)
        self.assertRegex(process.out, r"FAIL +\./two\.lua")

    def test_wrong_use(self):
        self.write("empty/readme.txt", "")
        self.write("file", "")
        self.write("one.lua", PASSES)
        for words, line in (
            (["test"], r"no scenario given .*"),
            (["test", "empty"], r"no scenarios \(empty\): .*"),
            (["test", "nowhere.lua"], r"no such scenario \(nowhere\.lua\).*"),
            (["test", "one.lua", "--jobs", "0"], r"no number of runs at a time: 0 .*"),
            (["test", "one.lua", "--out", "file/x"], r"cannot make the folder of the results: .*"),
        ):
            with self.subTest(words=words):
                self.expect_refused(words, 4, line)

    def test_interrupted(self):
        self.write("a.lua", PASSES)
        self.write("b.lua", ENDLESS)
        self.write("c.lua", ENDLESS)
        process = start(
            ["test", "a.lua", "b.lua", "c.lua", "--jobs", "1", "--out", "out"], self.folder
        )
        self.assertRegex(process.stdout.readline(), r"PASS +a\.lua")
        has_handlers(process)
        process.send_signal(signal.SIGTERM)
        process.out, process.err = process.communicate(timeout=60)
        self.expect_line(process, 2, r"interrupted \(after 1 of 3 scenarios\): .*")
        self.assertIn("1 passed, 0 failed, 0 inconclusive, 0 in error, 2 not run", process.out)
        self.assertEqual(self.counts(self.junit()), (3, 0, 0, 2))
        _, found = self.page()
        self.assertEqual([one[0] for one in found.values()], ["PASS", "NOT RUN", "NOT RUN"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
