#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 15
# test-timeout: 300
"""The outputs that README.md and docs/ show are what the program prints (tests/tools/shown.py);
one that has changed, one without its comment and a comment without its block are noticed.
"""
import pathlib
import sys
import unittest

from program import PROGRAM, SOURCE, CliTest, enough_in_release

sys.path.insert(0, str(SOURCE / "tests" / "tools"))
import shown  # noqa: E402

BLOCK = """Some text.

<!-- shown: printf 'one\\n  two\\n\\nthree  \\n' -->

    one
      two

    three

More text.
"""
PROGRAM_PATH = pathlib.Path(PROGRAM).resolve()


class Shown(CliTest):
    def wrong_with(self, text, write=False):
        (self.folder / "page.md").write_text(text, encoding="utf-8")
        return "\n".join(shown.look(self.folder / "page.md", PROGRAM_PATH, write))

    def page(self):
        return (self.folder / "page.md").read_text(encoding="utf-8")

    def test_what_is_shown_is_held_against_what_is_printed(self):
        self.assertEqual(self.wrong_with(BLOCK), "")
        fenced = BLOCK.replace("    one", "```\none").replace("    three\n", "three\n```\n")
        self.assertEqual(self.wrong_with(fenced.replace("      two", "  two")), "")
        wrong = self.wrong_with(BLOCK.replace("    three", "    four"))
        self.assertIn("page.md:3", wrong)
        self.assertIn("-four\n+three", wrong)
        self.assertIn("-more", self.wrong_with(BLOCK.replace("three\n\n", "three\n    more\n\n")))
        self.assertIn("+  two", self.wrong_with(BLOCK.replace("      two\n", "")))

    def test_an_output_wants_its_comment_and_a_comment_its_block(self):
        output = "Text.\n\n    blackstart version\n    Blackstart 9.9.9\n"
        self.assertIn("page.md:3: an output without its comment", self.wrong_with(output))
        many = "Text.\n\n    blackstart list laws\n    blackstart list models   # all of them\n"
        self.assertEqual(self.wrong_with(many), "")
        with self.assertRaisesRegex(ValueError, r"page\.md:1: no block of code"):
            self.wrong_with("<!-- shown: true -->\nText.\n")
        with self.assertRaisesRegex(ValueError, "a mark is not written"):
            self.wrong_with(BLOCK.replace("<!-- shown: ", "<!-- shown; "))

    def test_commands_on_several_lines(self):
        lines = BLOCK.replace("shown: printf 'one", "shown:\necho one\nprintf '").replace(
            "\\n' -->", "\\n'\n-->"
        )
        self.assertIn("echo one\nprintf", lines)
        self.assertEqual(self.wrong_with(lines.replace("printf '\\n ", "printf ' ")), "")
        self.assertIn("-one\n+two", self.wrong_with(lines.replace("echo one", "echo two")))

    def test_a_command_that_stands_in_its_block(self):
        text = "<!-- shown: | sed 1q -->\n\n    blackstart list laws\n\n    no law at all\n"
        wrong = self.wrong_with(text)
        self.assertIn("-no law at all", wrong)
        self.wrong_with(text, write=True)
        self.assertIn("    blackstart list laws\n\n    ", self.page())
        self.assertNotIn("no law at all", self.page())
        self.assertEqual(self.wrong_with(self.page()), "", "what is written is what is printed")

    def test_writing_leaves_all_else_as_it_was(self):
        self.wrong_with(BLOCK.replace("    three", "    four"), write=True)
        self.assertEqual(self.page(), BLOCK)

    @enough_in_release
    def test_the_pages(self):
        self.assertGreaterEqual(
            sum(len(list(shown.outputs(p, p.read_text("utf-8")))) for p in shown.pages()), 7
        )
        for page in shown.pages():
            with self.subTest(page=page.name):
                self.assertEqual("\n".join(shown.look(page, PROGRAM_PATH)), "", "make docs")


if __name__ == "__main__":
    unittest.main(verbosity=2)
