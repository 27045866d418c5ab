#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`report.html` in folders of results, `blackstart report` and `blackstart compare`: what they
write and what they say. What the page looks like is the business of tests/page.
"""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program import CALM, FREE, SMALL, SOURCE, STREET, CliTest  # noqa: E402


# Script, libraries and style of the page, which every page carries, in bytes.
BUNDLE = sum(
    len((SOURCE / "sim/report/page/bundle" / name).read_bytes()) for name in ("page.js", "page.css")
)


class Pages(CliTest):
    def folder_of(self, name, *arguments, size=SMALL):
        process = self.run_program(["run", STREET, *size, "--quiet", "--out", name, *arguments])
        self.assertIn(process.returncode, (0, 1), process.err)
        self.assertIn(f"page.................: {name}/report.html\n", process.out)
        return (self.folder / name / "report.html").read_bytes()

    def test_a_run_and_report_make_the_same_page(self):
        """Also with fractions of seconds, commas in triggers and several triggers: what is read
        back is what was there.
        """
        page = self.folder_of("r")
        (self.folder / "r" / "report.html").unlink()
        process = self.run_program(["report", "r"])
        self.expect_line(process, 0, "")
        self.assertEqual(process.out, "r/report.html\n")
        self.assertEqual((self.folder / "r" / "report.html").read_bytes(), page)
        self.expect_line(self.run_program(["report", "-o", "elsewhere.html", "r"]), 0, "")
        self.assertEqual((self.folder / "elsewhere.html").read_bytes(), page)

    def test_a_judged_log(self):
        self.folder_of("r", "--set", "law=fixed", *FREE)
        process = self.run_program(["judge", "r/attempts.csv", "--capacity", "20", "--out", "j"])
        self.assertIn(process.returncode, (0, 1, 5), process.err)
        page = (self.folder / "j" / "report.html").read_bytes()
        self.expect_line(self.run_program(["report", "j", "--out", "j.html"]), 0, "")
        self.assertEqual((self.folder / "j.html").read_bytes(), page)
        self.assertIn(b"20 connections/s", page)

    def test_the_same_bytes_twice(self):
        self.assertEqual(self.folder_of("r", "--repeatable"), self.folder_of("r", "--repeatable"))

    def test_nobody_tried(self):
        """A run so short that nobody connected has a page all the same."""
        self.write("calm.lua", CALM)
        self.run_program(["run", "calm.lua", "--set", "duration=1ms", "--quiet", "--out", "c"])
        page = (self.folder / "c" / "report.html").read_bytes()
        self.expect_line(self.run_program(["report", "c"]), 0, "")
        self.assertEqual((self.folder / "c" / "report.html").read_bytes(), page)
        self.assertIn(b"The scenario asked for no verdict", page)

    def test_hostile_strings(self):
        """The scenario's title and a parameter's value, through a real run."""
        evil = "</script><script>alert(1)</script><!--"
        self.write(
            "evil.lua",
            CALM.replace("Two devices, one minute", evil).replace(
                "params {", f'params {{ {{ name = "x", kind = "text", default = "{evil}" }},'
            ),
        )
        process = self.run_program(["run", "evil.lua", "--quiet", "--out", "e"])
        self.assertEqual(process.returncode, 0, process.err)
        page = (self.folder / "e" / "report.html").read_text()
        self.assertEqual(page.count("<script"), 2)
        self.assertEqual(
            page.count("alert(1)"),
            page.count("&gt;alert(1)&lt;") + page.count("\\u003ealert(1)\\u003c"),
        )
        self.assertGreater(page.count("alert(1)"), 3)

    def test_nothing_from_outside(self):
        """No address is loaded from; what looks like one is a name space or stands in a licence."""
        page = self.folder_of("r").decode()
        for word in ("src=", "@import", "url(http", "fetch(", "XMLHttpRequest", "import("):
            self.assertNotIn(word, page)
        # The script and its libraries are the bulk; what a run adds to them stays small.
        self.assertLess(BUNDLE, 330_000)
        self.assertLess(len(page) - BUNDLE, 60_000)

    def test_compare(self):
        self.folder_of("a", "--set", "law=fixed", "--set", "overload_cost=0", size=[])
        self.folder_of("b", size=[])
        process = self.run_program(["compare", "a", "b"])
        self.expect_line(process, 0, "")
        self.assertRegex(process.out, r"5\.9-3-2 a +FAIL +PASS\n")
        self.assertRegex(process.out, r"law +fixed +orderly\n")
        self.assertLess(process.out.index("VERDICTS"), process.out.index("MEASURES"))
        first = process.out[process.out.index("MEASURES") :].split("\n")[2]
        self.assertRegex(first, "on either side of its threshold")
        self.assertTrue((self.folder / "compare.html").is_file())
        self.expect_line(self.run_program(["compare", "a", "a", "-o", "same.html"]), 0, "")

    def test_compare_different_scenarios(self):
        self.folder_of("a")
        self.write("calm.lua", CALM)
        self.run_program(["run", "calm.lua", "--quiet", "--out", "c"])
        process = self.run_program(["compare", "a", "c"])
        self.expect_line(process, 0, "")
        self.assertIn("runs of different scenarios", process.out)

    def test_what_cannot_be(self):
        self.folder_of("r")
        self.write("empty/x", "")
        self.write("garbage/summary.json", b"\x00\xff garbage")
        self.write("future/summary.json", '{"schema": "blackstart-summary-9"}')
        for name in ("garbage", "future"):
            self.write(f"{name}/series.csv", "")
            self.write(f"{name}/attempts.csv", "")
        unread = (
            r"no results that can be read: %s \(%s\): give a folder that a run of this "
            r"version, or of an older one, has written"
        )
        rows = [
            (["report"], r"no folder given \(blackstart report\): name one .*"),
            (["report", "r", "r"], r"r is one folder too many \(blackstart report\): give one"),
            (
                ["report", "missing"],
                unread % ("summary.json: No such file or directory", "missing"),
            ),
            (["report", "empty"], unread % ("summary.json: No such file or directory", "empty")),
            (
                ["report", "r/summary.json"],
                unread % ("summary.json: Not a directory", "r/summary.json"),
            ),
            (["report", "garbage"], unread % ("summary.json: line 1, column 1: .*", "garbage")),
            (
                ["report", "future"],
                unread
                % (
                    "summary.json: a newer version has written it, its schema is not "
                    "blackstart-summary-1",
                    "future",
                ),
            ),
            (
                ["report", "r", "-o", "empty"],
                r"cannot write the page: Is a directory \(empty\): choose another file with --out",
            ),
            (
                ["report", "r", "--out", "no/where.html"],
                r"cannot write the page: No such file or directory \(no/where.html\): .*",
            ),
            (["report", "r", "--out="], r"no file \(--out\): name one for the page"),
            (["compare"], r"no folders given \(blackstart compare\): name two .*"),
            (["compare", "r"], r"one folder only \(blackstart compare\): name two .*"),
            (
                ["compare", "r", "r", "r"],
                r"r is one folder too many \(blackstart compare\): give two",
            ),
            (["compare", "r", "garbage"], unread % (".*", "garbage")),
        ]
        for arguments, pattern in rows:
            with self.subTest(arguments=arguments):
                self.expect_refused(arguments, 4, pattern)

    def test_damaged_rows(self):
        """A folder whose files do not belong together is named, not drawn."""
        self.folder_of("r")
        for name, old, new, says in (
            (
                "attempts.csv",
                b",start,",
                b",stop,",
                "attempts.csv: names a trigger that summary.json does not have",
            ),
            ("attempts.csv", b"online,0.", b"online,x.", "attempts.csv: line 2: .*"),
            (
                "series.csv",
                b"\n1,",
                b"\n2,",
                "series.csv: line 3 is not the second that has to stand there",
            ),
        ):
            path = self.folder / "r" / name
            good = path.read_bytes()
            path.write_bytes(good.replace(old, new, 1))
            with self.subTest(says=says):
                self.expect_refused(
                    ["report", "r"], 4, rf"no results that can be read: {says} \(r\): .*"
                )
            path.write_bytes(good)

    def test_a_folder_of_an_older_version(self):
        """tests/data/results/0.1.0 is what that version wrote of `run power-restore-street --set
        homes=60 --set devices_per_home=1`; it is read by all that reads results. What a newer
        version may write is refused with a word.
        """
        old = str(SOURCE / "tests" / "data" / "results" / "0.1.0")
        self.assertEqual(
            (pathlib.Path(old) / "series.csv").read_text().partition("\n")[0].count(","), 5
        )
        self.expect_line(self.run_program(["report", old, "--out", "old.html"]), 0, "")
        self.assertIn("power restore", (self.folder / "old.html").read_text(encoding="utf-8"))
        self.expect_line(
            self.run_program(
                [
                    "run",
                    "scenarios/5.9-3/power-restore-street.lua",
                    "--set",
                    "homes=60",
                    "--set",
                    "devices_per_home=1",
                    "--quiet",
                    "--out",
                    str(self.folder / "new"),
                ],
                cwd=SOURCE,
            ),
            0,
            "",
        )
        process = self.run_program(["compare", old, "new"])
        self.expect_line(process, 0, "")
        self.assertNotIn("runs of different scenarios", process.out)
        self.expect_line(self.run_program(["evidence", old, "--out", "e"]), 0, "")
        self.expect_line(
            self.run_program(["judge", f"{old}/attempts.csv", "--capacity", "20"]), 0, ""
        )
        series = self.folder / "new" / "series.csv"
        lines = series.read_text().splitlines()
        series.write_text(f"{lines[0]},more\n" + "".join(f"{line},0\n" for line in lines[1:]))
        self.expect_refused(
            ["report", "new"],
            4,
            r"no results that can be read: series\.csv: a newer version has written it, with more "
            r"columns \(new\): .*",
        )
        series.write_text(
            "".join(line.rpartition(",")[0].rpartition(",")[0] + "\n" for line in lines)
        )  # fewer, as an older one
        self.expect_line(self.run_program(["report", "new", "--out", "fewer.html"]), 0, "")
        series.write_text(
            "".join(",".join(line.split(",")[:5]) + "\n" for line in lines)
        )  # as none ever did
        self.expect_refused(
            ["report", "new"],
            4,
            r"no results that can be read: series\.csv: its first line is not that of "
            r"docs/results\.md \(new\): .*",
        )


if __name__ == "__main__":
    unittest.main(verbosity=2)
