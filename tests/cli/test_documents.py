#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""README.md and docs/commands.md say what is true: the scenario in it runs, the options are those of the program, the exit codes are the same
everywhere, and what is linked is there."""
import re
import unittest

from program import SOURCE, CliTest

README = (SOURCE / "README.md").read_text()
COMMANDS = (SOURCE / "docs" / "commands.md").read_text()


def options(text):
    return set(re.findall(r"--[a-z][a-z-]*", text))


class Documents(CliTest):
    def section(self, name):
        return re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", COMMANDS, re.S | re.M)[1]

    def test_the_scenario_of_the_readme_runs(self):
        scenario = re.search(r"```lua\n(.*?)```", README, re.S)[1]
        process = self.run_program(["run", self.write("readme.lua", scenario), "--quiet", "--out", "o"])
        self.expect_line(process, 1, r"a check failed \(5\.9-3-2 a\): .*")

    def test_commands_have_the_options_of_the_program(self):
        for command in ("run", "check", "test", "sweep", "judge", "report", "compare", "serve", "credentials", "examine", "ics", "evidence"):
            with self.subTest(command=command):
                told = set(re.findall(r"^  (--[a-z-]+)", self.run_program([command, "--help"]).out, re.M)) - {"--help"}
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
        told = re.findall(r"^\| `(\w+)` \|", re.search(r"^## series\.csv\n(.*?)^## ", text, re.S | re.M)[1], re.M)
        columns = (SOURCE / "sim" / "report" / "folder.h").read_text(encoding="utf-8")
        mapped = re.findall(r'^ +X\(\w+, "(\w+)", (?:LAST|SUM|MOST), [01]\)', columns, re.M)
        self.assertEqual(told, mapped)
        self.run_program(["run", str(SOURCE / "scenarios" / "steady.lua"), "--quiet", "--out", "o"])
        self.assertEqual((self.folder / "o" / "series.csv").read_text().splitlines()[0].split(","), told)

    def test_the_table_of_one_product(self):
        """The command above the table in docs/scenarios.md prints it, to the letter."""
        text = (SOURCE / "docs" / "scenarios.md").read_text(encoding="utf-8")
        told = re.search(r"<!-- product table -->\n(.*?)<!--", text, re.S)[1]
        command = re.search(r"^    blackstart (test .* --product .*)$", text, re.M)[1]
        process = self.run_program([*command.split(), "--out", str(self.folder / "o")], cwd=SOURCE, timeout=280)
        self.assertEqual("".join(line for line in process.out.splitlines(keepends=True) if line.startswith("|")), told)

    def test_links(self):
        for text, folder in ((README, SOURCE), (COMMANDS, SOURCE / "docs")):
            for link in re.findall(r"\]\(([^)#]+)\)", text):
                with self.subTest(link=link):
                    self.assertTrue((folder / link).exists())

    def test_files_that_are_named_exist(self):
        for name in re.findall(r"`((?:devices|tests|sim|lua|net|scenarios)/[\w./-]+\.(?:c|h|lua))`", README):
            with self.subTest(name=name):
                self.assertTrue(name.endswith("/NAME.c") or (SOURCE / name).exists())


if __name__ == "__main__":
    unittest.main()
