#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the system tests share (folders determinism, interop, faults): the helpers of the command
line's tests, and results that are held against their schema.
"""
import json
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "cli"), str(TESTS / "tools")]

from program import *  # noqa: E402,F401,F403
from program import CliTest  # noqa: E402
import validate_results  # noqa: E402


class SystemTest(CliTest):
    def results(self, name):
        """The summary of a folder of results, all of which is valid."""
        folder = self.folder / name
        self.assertTrue(folder.is_dir(), f"{name}: no results")
        self.assertEqual(validate_results.validate(folder), [])
        return json.loads((folder / "summary.json").read_text(encoding="utf-8"))

    def nothing_like_a_result(self, name):
        self.assertFalse((self.folder / name).exists(), f"{name} looks like a result")
