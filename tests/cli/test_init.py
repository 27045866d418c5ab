#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""`blackstart init`: a folder that is green as it is, and annotations that know the language: no
more words and no fewer than the program, and nothing to complain of in the scenarios that come with
it.
"""
import json
import re
import shutil
import subprocess
import sys
import unittest

from program import PROGRAM, SCENARIOS, SOURCE, CliTest

CHECK = SOURCE / "tests" / "tools" / "check_annotations.py"
sys.path.insert(0, str(CHECK.parent))
import check_annotations  # noqa: E402

HEAD = 'scenario { title = "x" }\n'


class Init(CliTest):
    def init(self, folder="demo"):
        process = self.run_program(["init", folder])
        self.assertEqual((process.returncode, process.err), (0, ""))
        return process.out

    def library(self):
        """The folder that .luarc.json tells editors to read."""
        about = json.loads((self.folder / "demo/.luarc.json").read_text(encoding="utf-8"))
        return self.folder / "demo" / about["workspace.library"][0]

    def annotations(self):
        return (self.library() / "blackstart.lua").read_text(encoding="utf-8")

    def test_green_as_it_is(self):
        self.assertIn("Now: blackstart test demo\n", self.init())
        process = self.run_program(["test", "demo"])
        self.expect_line(process, 0, "")
        self.assertIn("1 passed, 0 failed", process.out)
        self.expect_line(
            self.run_program(["run", "demo/first.lua", "--set", "law=fixed", "--quiet"]),
            1,
            r"a check failed \(5\.9-3-2 a\): .*",
        )

    def test_its_product(self):
        """As the CI file says it, in the folder itself: green; with a law that cannot be, red."""
        self.init()
        command = re.search(
            r"- blackstart (test .*)",
            (self.folder / "demo/.gitlab-ci.yml").read_text(encoding="utf-8"),
        )[1].split()
        self.assertIn("--product", command)
        process = self.run_program(command, cwd=self.folder / "demo")
        self.expect_line(process, 0, "")
        self.assertIn("1 passed, 0 failed", process.out)
        product = (self.folder / "demo/product.json").read_text(encoding="utf-8")
        self.write(
            "demo/product.json",
            re.sub(r'"law": \{.*\}', '"law": {"kind": "fixed", "base": "10s"}', product),
        )
        self.assertIn("0 passed, 1 failed", self.run_program(command, cwd=self.folder / "demo").out)

    def test_annotations_of_its_own(self):
        """A program that stands alone, with nothing built or installed beside it, leaves a copy."""
        alone = self.folder / "alone" / "blackstart"
        alone.parent.mkdir()
        shutil.copy(PROGRAM, alone)
        subprocess.run(
            [alone, "init", "demo"], cwd=self.folder, check=True, capture_output=True, timeout=60
        )
        self.assertEqual(self.library(), self.folder / "demo" / ".luals")
        self.assertIn("---@meta", self.annotations())
        self.write("demo/.luals/blackstart.lua", "-- of an older version\n")
        self.assertIn("made  demo/.luals/blackstart.lua", self.init())
        self.assertIn("---@meta", self.annotations())

    def test_what_is_there_is_kept(self):
        self.init()
        self.write("demo/first.lua", "-- mine\n")
        self.assertRegex(
            self.init(),
            r"kept +demo/first\.lua\n  kept +demo/product\.json\n  kept +demo/\.luarc\.json",
        )
        self.assertEqual((self.folder / "demo/first.lua").read_text(encoding="utf-8"), "-- mine\n")

    def test_places_that_are_none(self):
        self.write("file", "")
        self.expect_refused(
            ["init", "file"],
            4,
            r"cannot make the folder: File exists \(file\): name another, below one that is there",
        )
        self.expect_refused(
            ["init", "no/such"],
            4,
            r"cannot make the folder: No such file or directory \(no/such\): .*",
        )
        self.expect_refused(["init", "a", "b"], 4, r"b: give one folder \(blackstart init\)")

    def test_what_a_model_of_its_own_needs(self):
        """Its name and its base; what a kind of device needs it may leave to whoever uses it, and
        a home laid out by hand and a town have tables of their own."""
        self.init()
        good = (
            'model { name = "cellar", based_on = "flood-sensor", telemetry = { { name = "depth", '
            "low = 0, high = 1 } } }\n"
            'home { name = "one", devices = { { name = "hall", model = "gateway" } } }\n'
            "fleet.town { homes = 3, kinds = { { share = 1, devices = {} } } }\n"
            'fleet.devices { count = 3, model = "cellar" }\n'
        )
        self.assertEqual(check_annotations.check(self.annotations(), "good.lua", good), [])
        for old, new, what in (
            ('name = "cellar", ', "", "blackstart.model lacks its field 'name'"),
            (', based_on = "flood-sensor"', "", "blackstart.model lacks its field 'based_on'"),
            ('model { name = "cellar"', 'model { hub = "x", name = "cellar"', "no field 'hub'"),
            ('name = "one", ', "", "blackstart.home lacks its field 'name'"),
            ("share = 1, ", "", "blackstart.town_kind lacks its field 'share'"),
            (', model = "cellar"', "", "blackstart.line lacks its field 'model'"),
            ("low = 0, ", "", "blackstart.reading lacks its field 'low'"),
        ):
            found = check_annotations.check(
                self.annotations(), "bad.lua", good.replace(old, new, 1)
            )
            self.assertEqual(len(found), 1, found)
            self.assertIn(what, found[0])

    def test_scenarios_are_clean(self):
        self.init()
        files = [*SCENARIOS.rglob("*.lua"), self.folder / "demo/first.lua"]
        self.assertGreater(len(files), 20)
        done = subprocess.run(
            [sys.executable, CHECK, self.library() / "blackstart.lua", *files],
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.assertEqual((done.stdout, done.stderr, done.returncode), ("", "", 0))
        text = (SCENARIOS / "5.9-3" / "power-restore-street.lua").read_text(encoding="utf-8")
        bursts = (
            'function setup(p) fleet.streets { homes = 1, devices = {}, uplink = { kind = '
            '"bursts", every = "1m" } } end\n'
        )
        self.assertEqual(check_annotations.check(self.annotations(), "link", bursts), [])
        self.assertNotEqual(
            check_annotations.check(self.annotations(), "twin", bursts.replace("every", "evry")), []
        )
        for old, new in (
            ("router_boot", "router_bot"),
            ("restore_power", "restor_power"),
            ("law.named", "law.nmed"),
            ("wait_online", "wait_onlin"),
            ('unit = "5.9-3-2 a", trigger', 'uint = "5.9-3-2 a", trigger'),
            ('type = "power outage"', 'typ = "power outage"'),
        ):
            self.assertNotEqual(
                check_annotations.check(self.annotations(), "twin", text.replace(old, new, 1)),
                [],
                new,
            )

    def names(self, expression):
        """What the program itself says there is."""
        self.write("n.lua", f"{HEAD}local x = {expression}\n")
        said = self.run_program(["list", "./n.lua"]).err
        return set(re.search(r"'nonsense_zz'; there are: (.*)\n", said)[1].split(", "))

    def test_the_words_are_those_of_the_program(self):
        self.init()
        known = check_annotations.Language(self.annotations())
        self.assertEqual(known.words | check_annotations.LUA, self.names("nonsense_zz"))
        for group in ("fleet", "law", "judge", "declare"):
            self.assertEqual(known.members[group], self.names(f"{group}.nonsense_zz"))
        self.assertEqual(
            known.methods,
            self.names("substation.nonsense_zz") | self.names('duration("1s").nonsense_zz'),
        )

    def test_fields_are_those_of_the_program(self):
        self.init()
        classes = check_annotations.Language(self.annotations()).classes
        for word, name in (
            ("cloud", "cloud"),
            ("fleet.streets", "streets"),
            ("examiner", "examiner"),
            ("declare.interface", "interface"),
        ):
            self.write(
                "n.lua",
                HEAD
                + f'function setup(p) {word} {{ nonsense_zz = 1 }} end\nfunction drill(p) end\n',
            )
            said = self.run_program(["run", "./n.lua", "--quiet"]).err
            self.assertEqual(
                set(classes[f"blackstart.{name}"]),
                set(re.search(r"'nonsense_zz'; there are: (.*)\n", said, re.I)[1].split(", ")),
                word,
            )


if __name__ == "__main__":
    unittest.main()
