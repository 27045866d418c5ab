#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A measure that too few were seen for is said to be open in every output, and neither held nor
broken; one that enough were seen for is one of the two.
"""
import json
import unittest

from program import CALM, CliTest

# Two of two reports are answered: by the 95 % interval of Wilson (1927) that is 34 % and more.
SHARE = 'function verdict(p) threshold("reports_answered/reports_due", "%s") end\n'
NAME = "reports_answered/reports_due"
ROWS = (  # limit, exit code, what the terminal and the page say; holds of the summary
    (">=99%", 5, "open", "? cannot be told", None),
    (">=30%", 0, "ok", "\u2713 holds", True),
    ("<=10%", 1, "FAILS", "\u2717 does not hold", False),
)


class CannotBeTold(CliTest):
    def test_in_every_output(self):
        for limit, code, word, told, holds in ROWS:
            with self.subTest(limit=limit):
                scenario = self.write("a.lua", CALM + SHARE % limit)
                process = self.run_program(["run", scenario, "--quiet", "--out", "o"])
                self.assertEqual(process.returncode, code, process.err)
                process = self.run_program(["run", scenario, "--out", "o"])
                (line,) = [x for x in process.out.splitlines() if f" {NAME}." in x]
                self.assertEqual(line.split()[0], word)
                words = " ".join(process.out.split())
                self.assertEqual("; cannot be told; " in words, holds is None)
                summary = json.loads((self.folder / "o" / "summary.json").read_text())
                self.assertIs(summary["verdicts"][0]["measures"][0]["holds"], holds)
                page = (self.folder / "o" / "report.html").read_text(encoding="utf-8")
                cells = page.split('<td data-column="holds">')[1:]
                self.assertEqual([cell.split("</td>")[0] for cell in cells], [told])


if __name__ == "__main__":
    unittest.main(verbosity=2)
