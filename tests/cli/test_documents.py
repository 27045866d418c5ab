#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 20
"""README.md and docs/commands.md say what is true: the scenario in it runs, the options are those
of the program, the exit codes are the same everywhere. Links: test_pages.py.
"""
import re
import shlex
import unittest

from program import SOURCE, CliTest, enough_in_release

README = (SOURCE / "README.md").read_text()
COMMANDS = (SOURCE / "docs" / "commands.md").read_text()


PAGES = [SOURCE / "README.md", SOURCE / "CONTRIBUTING.md", *sorted((SOURCE / "docs").rglob("*.md"))]


def options(text):
    return set(re.findall(r"--[a-z][a-z-]*", text))


class Documents(CliTest):
    def section(self, name):
        return re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", COMMANDS, re.S | re.M)[1]

    def test_the_scenario_of_the_readme_runs(self):
        scenario = re.search(r"```lua\n(.*?)```", README, re.S)[1]
        process = self.run_program(
            ["run", self.write("readme.lua", scenario), "--quiet", "--out", "o"]
        )
        self.expect_line(process, 1, r"a check failed \(5\.9-3-2 a\): .*")

    def test_commands_have_the_options_of_the_program(self):
        for command in (
            "run",
            "check",
            "test",
            "sweep",
            "judge",
            "report",
            "compare",
            "serve",
            "credentials",
            "examine",
            "ics",
            "evidence",
        ):
            with self.subTest(command=command):
                told = set(
                    re.findall(r"^  (--[a-z-]+)", self.run_program([command, "--help"]).out, re.M)
                ) - {"--help"}
                tabled = set()
                for row in re.findall(r"^\| (`--.*?) \|", self.section(command), re.M):
                    tabled |= options(row)
                self.assertEqual(told, tabled)

    def test_the_readme_names_no_other_options(self):
        known = options(COMMANDS) | {"--preset", "--build"}
        self.assertEqual(options(re.sub(r"<!--.*?-->", "", README)) - known, set())

    def test_exit_codes(self):
        told = re.findall(r"^  (\d)  ", self.run_program(["--help"]).out, re.M)
        self.assertEqual(told, list("012345"))
        for text in (README, COMMANDS):
            self.assertEqual(re.findall(r"^\| (\d) \|", text, re.M), told)

    def test_columns_of_series_csv(self):
        text = (SOURCE / "docs" / "results.md").read_text(encoding="utf-8")
        told = re.findall(
            r"^\| `(\w+)` \|", re.search(r"^## series\.csv\n(.*?)^## ", text, re.S | re.M)[1], re.M
        )
        columns = (SOURCE / "sim" / "report" / "folder.h").read_text(encoding="utf-8")
        mapped = re.findall(r'^ +X\(\w+, "(\w+)", (?:LAST|SUM|MOST|PEAK), [01]\)', columns, re.M)
        self.assertEqual(told, mapped)
        self.run_program(["run", str(SOURCE / "scenarios" / "steady.lua"), "--quiet", "--out", "o"])
        self.assertEqual(
            (self.folder / "o" / "series.csv").read_text().splitlines()[0].split(","), told
        )

    @enough_in_release
    def test_the_table_of_one_product(self):
        """The command above the table in docs/scenarios.md prints it, to the letter."""
        text = (SOURCE / "docs" / "scenarios.md").read_text(encoding="utf-8")
        told = re.search(r"<!-- product table -->\n(.*?)<!--", text, re.S)[1]
        command = re.search(r"^    blackstart (test .* --product .*)$", text, re.M)[1]
        process = self.run_program(
            [*command.split(), "--out", str(self.folder / "o")], cwd=SOURCE, timeout=280
        )
        self.assertEqual(
            "".join(line for line in process.out.splitlines(keepends=True) if line.startswith("|")),
            told,
        )

    @enough_in_release
    def test_commands_that_are_told(self):
        """Each line that a page tells to type: its options are the program's, and what it would run
        goes through its words (`check`). Bad twin: a line with a parameter that its scenario does
        not have.
        """
        lines = {
            line
            for page in PAGES
            for line in re.findall(
                r"^ *(?:- |- run: |\$ )?(blackstart [a-z]+ [^\n\[]*)$",
                page.read_text(encoding="utf-8"),
                re.M,
            )
        }
        self.assertGreater(len(lines), 50)  # blocks, fences, and the steps of build servers
        for line in sorted(lines):
            with self.subTest(line=line):
                self.assertEqual(self.wrong_with(line), "")
        self.assertIn("homez", self.wrong_with("blackstart run scenarios/steady.lua --set homez=2"))
        self.assertIn("homez", self.wrong_with("blackstart run steady --set homez=2"))
        self.assertIn(
            "--sett", self.wrong_with("blackstart run scenarios/steady.lua --sett homes=2")
        )

    def wrong_with(self, line):
        words = shlex.split(line.split("   ")[0].split(" > ")[0])[1:]
        command = words[0]
        known = options(self.run_program([command, "--help"]).out) | {"--by"}
        unknown = {word for word in words if word.startswith("--")} - known
        if unknown:
            return f"unknown {unknown}"
        scenario = next((word for word in words[1:] if word.endswith(".lua")), None)
        if scenario is None and len(words) > 1:  # by its bare name
            there = sorted((SOURCE / "scenarios").rglob(f"{words[1]}.lua"))
            scenario = str(there[0].relative_to(SOURCE)) if there else None
        if command not in ("run", "sweep") or scenario is None or not (SOURCE / scenario).exists():
            return ""
        sets = [words[i + 1] for i, word in enumerate(words) if word == "--set"]
        sets += [
            words[i + 1].split(",")[0].split("..")[0]
            for i, word in enumerate(words)
            if word == "--vary"
        ]
        process = self.run_program(
            ["check", str(SOURCE / scenario), *(part for one in sets for part in ("--set", one))]
        )
        return process.err if process.returncode != 0 else ""

    def test_files_that_are_named_exist(self):
        for name in re.findall(
            r"`((?:devices|tests|sim|lua|net|scenarios)/[\w./-]+\.(?:c|h|lua))`", README
        ):
            with self.subTest(name=name):
                self.assertTrue(name.endswith("/NAME.c") or (SOURCE / name).exists())


if __name__ == "__main__":
    unittest.main()
