#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit tests that share a program must not see each other, nor put a fake in the place of a
function that others test.

usage: one_symbol.py OBJECT...   exit 1 if an object defines a global symbol besides its own main,
                                 test_X_main
       one_symbol.py --self-test
"""
import re
import subprocess
import sys


def complaints(listing):
    """From what `nm -A -g --defined-only` prints."""
    for line in listing.splitlines():
        path, _, rest = line.partition(":")
        symbol = rest.split()[-1]
        name = re.search(r"(test_\w+)\.c\.o$", path)
        if name and symbol != f"{name.group(1)}_main":
            yield (
                f"{name.group(1)}.c defines {symbol}, which all tests of its layer would see: "
                f"make it static, or give "
                "the test a program of its own (a comment with `test-program: own`)"
            )


def self_test():
    good = (
        "d/unit/test_a.c.o:0000000000000000 T "
        "test_a_main\nd/core_tests.c.o:0000000000000000 T main\n"
    )
    bad = good + "d/unit/test_a.c.o:0000000000000000 T run_new\n"
    caught = [*complaints(bad)]
    right = (
        [*complaints(good)] == [] and len(caught) == 1 and "test_a.c defines run_new" in caught[0]
    )
    print("a good twin passed, a bad twin was caught" if right else f"the bad twin gave {caught}")
    return 0 if right else 1


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    done = subprocess.run(
        ["nm", "-A", "-g", "--defined-only", *sys.argv[1:]],
        capture_output=True,
        text=True,
        check=True,
    )
    found = [*complaints(done.stdout)]
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
