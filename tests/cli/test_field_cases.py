#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""docs/field-cases.md says what test_field.py holds against the program."""
import pathlib
import sys
import types
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import field_cases  # noqa: E402
import test_field  # noqa: E402


class FieldCases(unittest.TestCase):
    def test_the_page_is_made_from_the_table(self):
        self.assertEqual(
            field_cases.PAGE.read_text(encoding="utf-8"),
            field_cases.page(test_field),
            "make it anew: python3 tests/tools/field_cases.py --write",
        )

    def test_another_result_is_another_page(self):
        files, options, code, pattern = test_field.TABLE[0]
        changed = types.SimpleNamespace(
            TABLE=((files, options, 1 - code, pattern), *test_field.TABLE[1:]),
            REFUSED=(),
            TWINS=test_field.TWINS,
        )
        self.assertNotEqual(field_cases.page(changed), field_cases.page(test_field))

    def test_each_file_of_the_folder_has_a_line(self):
        page = field_cases.PAGE.read_text(encoding="utf-8")
        for path in test_field.DATA.glob("[0-9]*"):
            self.assertIn(f"`{path.name}`", page)


if __name__ == "__main__":
    unittest.main()
