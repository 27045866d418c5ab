#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a script of unittest cases so that what it skipped is not taken for passed: a line `skipped:
CASE: REASON` for each, and exit 77, ctest's sign for a skipped test, when nothing but skipped cases
is left.

usage: run_cases.py SCRIPT [ARGUMENT...]
       run_cases.py --self-test
"""
import os
import pathlib
import re
import resource
import runpy
import subprocess
import sys
import tempfile
import unittest

SKIPPED = 77


class Cases(unittest.TestProgram):
    """unittest.main, but for its exit code."""

    def runTests(self):
        self.exit = False
        super().runTests()
        skipped = self.result.skipped
        sys.stdout.flush()
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        print(f"processor: {sum(one.ru_utime + one.ru_stime for one in used):.1f} s", flush=True)
        for case, reason in skipped:
            print(f"skipped: {case.id().removeprefix('__main__.')}: {reason}")
        sys.stdout.flush()
        if not self.result.wasSuccessful():
            sys.exit(1)
        # A class or module that skips in its set-up has cases that never started.
        whole = {case.id() for case, _ in skipped if isinstance(case, unittest.TestCase)}
        sys.exit(SKIPPED if skipped and self.result.testsRun <= len(whole) else 0)


CASES = """
import unittest
class Some(unittest.TestCase):
    def test_one(self): {one}
    def test_two(self): {two}
if __name__ == "__main__": unittest.main()
"""
WANTED = [
    ("pass", "pass", 0, 0),
    ("pass", "self.skipTest('why')", 0, 1),
    ("self.skipTest('why')", "self.skipTest('why')", 77, 2),
    ("self.fail()", "self.skipTest('why')", 1, 1),
    ("self.fail()", "pass", 1, 0),
]


def self_test():
    failures = []
    for one, two, code, lines in WANTED:
        with tempfile.TemporaryDirectory() as folder:
            script = pathlib.Path(folder) / "test_some.py"
            script.write_text(CASES.format(one=one, two=two), encoding="utf-8")
            done = subprocess.run(
                [sys.executable, __file__, str(script)], capture_output=True, text=True
            )
        if (
            done.returncode != code
            or done.stdout.count("skipped: Some.test_") != lines
            or not re.search(r"^processor: [0-9.]+ s$", done.stdout, re.M)
        ):
            failures.append(
                f"{one}; {two}: exit {done.returncode}, not {code}: {done.stdout}{done.stderr}"
            )
    print("\n".join(failures) or f"{len(WANTED)} scripts ended as they should")
    return 1 if failures else 0


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 4
    if sys.argv[1] == "--self-test":
        return self_test()
    del sys.argv[0]
    unittest.main = Cases
    sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
    runpy.run_path(sys.argv[0], run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main())
